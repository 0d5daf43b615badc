import { z } from "zod";
import {
  batchKeys,
  DarkroomError,
  isDarkroomError,
  isRejected,
  type GetResult,
  type ObjectStore,
  type SnapshotRow,
} from "@darkroom/core";
import { findPhoto } from "@darkroom/manifest";
import type { BatchRecord } from "@darkroom/ledger";
import { batchParams, queryInt } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { problems } from "../http/problem.ts";
import type { ApiServer, Services } from "../services.ts";

/** Formats that browsers display and that cannot contain scripts. */
const SHOWN_TYPES = ["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"];
/** Largest safe index; see the ledger. */
const MAX_INDEX = 2 ** 40;
const SIDES = ["source", "result"] as const;

const params = batchParams.extend({ index: queryInt(0, MAX_INDEX) });
const query = z.strictObject({ of: z.enum(SIDES).describe("The photo itself or its enhanced picture.") });
const pictureSchema = z.unknown().meta({ type: "string", format: "binary" });
const response = {
  200: { description: "The picture", content: { "image/*": { schema: pictureSchema } } },
  ...problems(400, 401, 404, 503),
};

/** Serves a portrait's pictures to web pages. Programs read the object store instead. */
export async function portraitPictureRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/batches/:id/portraits/:index/thumbnail",
    {
      config: { scope: "read" },
      schema: {
        operationId: "getThumbnail",
        summary: "Get a small WebP of a portrait's photo or result",
        description:
          "Workers make it when they store the result. `404` before that, and for a photo of an unknown format.",
        tags: ["portraits"],
        params,
        querystring: query,
        response,
      },
    },
    async (request, reply) => {
      const { services } = app;
      const { id, index } = request.params;
      const record = await readBatch(services, id);
      const key = batchKeys(record.spec.id).thumbnail(index, request.query.of);
      const found = await get(services.openStore(record.spec.destination.url), key);
      return await reply.headers(headersOf(found, "private, max-age=60")).send(found.body);
    },
  );

  app.get(
    "/batches/:id/portraits/:index/picture",
    {
      config: { scope: "read" },
      schema: {
        operationId: "getPicture",
        summary: "Get a portrait's photo or result as it is in the store",
        description: "`404` also for a photo on the web, and for a format that browsers do not show.",
        tags: ["portraits"],
        params,
        querystring: query,
        response,
      },
    },
    async (request, reply) => {
      const { services } = app;
      const { id, index } = request.params;
      const record = await readBatch(services, id);
      const row = await rowOf(services, record, index);
      const found =
        request.query.of === "source" ? await sourceOf(services, record, row) : await resultOf(services, record, row);
      return await reply.headers(headersOf(found, "private, no-cache")).send(found.body);
    },
  );
}

type GoodRow = Exclude<SnapshotRow, { readonly rejected: unknown }>;

async function rowOf({ openStore, snapshot }: Services, record: BatchRecord, index: number): Promise<GoodRow> {
  if (index >= record.counts.total) throw noPicture(`this batch has no portrait ${index}`);
  const row = await snapshot.row(openStore(record.spec.destination.url), record.spec.id, index, record.fence);
  if (isRejected(row)) throw noPicture("the row was not accepted");
  return row;
}

async function sourceOf({ openStore }: Services, { spec }: BatchRecord, row: GoodRow): Promise<GetResult> {
  const place = await findPhoto(openStore, spec.source, row);
  if (place instanceof URL) throw noPicture("the photo is on the web");
  const found = await get(place.store, place.key);
  if (row.etag === undefined || row.etag === found.info.etag) return found;
  found.body.destroy();
  throw noPicture("another photo has taken its place");
}

async function resultOf({ openStore }: Services, { spec }: BatchRecord, row: GoodRow): Promise<GetResult> {
  return await get(openStore(spec.destination.url), row.destination);
}

async function get(store: ObjectStore, key: string): Promise<GetResult> {
  const found = await store.get(key).catch((error: unknown) => {
    if (isDarkroomError(error, "storage_not_found")) throw noPicture("it does not exist");
    throw error;
  });
  if (SHOWN_TYPES.includes(found.info.contentType ?? "")) return found;
  found.body.destroy();
  throw noPicture("browsers do not show its format");
}

function noPicture(why: string): DarkroomError {
  return new DarkroomError("not_found", `There is no picture to show: ${why}.`);
}

function headersOf({ info }: GetResult, cacheControl: string): Readonly<Record<string, string | number>> {
  return {
    "content-type": info.contentType ?? "application/octet-stream",
    "content-length": info.sizeBytes,
    "cache-control": cacheControl,
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
  };
}
