import { z } from "zod";
import type { GetResult } from "@darkroom/core";
import { checkDownloads } from "../links/check-downloads.ts";
import { batchParams, queryInt } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { problems } from "../http/problem.ts";
import { FILE_SECURITY } from "../http/security-headers.ts";
import { ShownPictures, type Side } from "../portraits/shown-pictures.ts";
import type { ApiServer } from "../services.ts";

/** Largest safe index; see the ledger. */
const MAX_INDEX = 2 ** 40;
const SIDES = ["source", "result"] as const satisfies readonly Side[];

const params = batchParams.extend({ index: queryInt(0, MAX_INDEX) });
const query = z.strictObject({
  of: z.enum(SIDES).describe("The photo itself or its enhanced picture."),
  shown: z
    .string()
    .max(20)
    .optional()
    .describe("Ignored. The page changes the value when the result may have been replaced."),
  download: z.enum(["true"]).optional().describe("Saves the file instead of showing it."),
});
const pictureSchema = z.unknown().meta({ type: "string", format: "binary" });

interface PictureRoute {
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly find: (pictures: ShownPictures, side: Side) => Promise<GetResult>;
}

const ROUTES: readonly PictureRoute[] = [
  {
    path: "thumbnail",
    id: "getThumbnail",
    summary: "Get a small JPEG of a portrait's photo or result",
    description:
      "Workers make it when they store the result. `404` before that, if another batch has replaced the result, and for a photo of an unknown format.",
    find: (pictures, side) => pictures.thumbnail(side),
  },
  {
    path: "picture",
    id: "getPicture",
    summary: "Get a portrait's photo or result as it is in the store",
    description:
      "A HEIC photo is shown as a JPEG of at most 1,024 px a side, which the worker makes with the result. `404` also for a photo on the web, for another format that browsers do not show, and if another photo or result has taken its place.",
    find: (pictures, side) => pictures.picture(side),
  },
];

/** Serves a portrait's pictures to web pages. Programs read the object store instead. */
export async function portraitPictureRoutes(app: ApiServer): Promise<void> {
  for (const { path, id: operationId, summary, description, find } of ROUTES) {
    app.get(
      `/batches/:id/portraits/:index/${path}`,
      {
        config: { scope: "read", link: true },
        helmet: FILE_SECURITY,
        schema: {
          operationId,
          summary,
          description,
          tags: ["portraits"],
          params,
          querystring: query,
          response: {
            200: { description: "The picture", content: { "image/*": { schema: pictureSchema } } },
            ...problems(400, 401, 404, 503),
          },
        },
      },
      async (request, reply) => {
        const { services } = app;
        const { id, index } = request.params;
        const { of, download } = request.query;
        if (download !== undefined) checkDownloads(request.caller);
        const pictures = await ShownPictures.of(services, await readBatch(services, id), index);
        const found = await find(pictures, of);
        if (download !== undefined) void reply.header("content-disposition", "attachment");
        return await reply.headers(headersOf(found)).send(found.body);
      },
    );
  }
}

function headersOf({ info }: GetResult): Readonly<Record<string, string | number>> {
  return {
    "content-type": info.contentType ?? "application/octet-stream",
    "content-length": info.sizeBytes,
    // A retry replaces a result, and an index may show another portrait after a loss.
    "cache-control": "private, no-store",
  };
}
