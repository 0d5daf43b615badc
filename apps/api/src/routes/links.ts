import { allowsScope, hashOfKey, isKeyId, LINK_FORMAT, newKeyId, newKeyText, type KeyRecord } from "@darkroom/access";
import { DarkroomError, tenantOf } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { z } from "zod";
import type { Caller } from "../access/caller.ts";
import { answer } from "../http/answer.ts";
import { batchParams } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { problems } from "../http/problem.ts";
import { viewKey, type KeySurroundings } from "../keys/key-view.ts";
import { issuedLinkSchema, linkListSchema, linkParams, linkSchema, newLinkSchema } from "../links/link-schemas.ts";
import type { ApiServer, Services } from "../services.ts";

const TAGS = ["links"];
const config = { scope: "manage" } as const;
const DAY_MS = 86_400_000;
const MOST_LISTED = 200;
/** Limit per link. Fast scrolling loads about 50 pictures a second. */
const CALLS_PER_MINUTE = 6_000;

/** Routes for links that open one batch to a client without an account. A link is a key with access to nothing else. */
export async function linkRoutes(app: ApiServer): Promise<void> {
  app.post(
    "/batches/:id/links",
    {
      config: { ...config, showsSecret: true },
      schema: {
        operationId: "createLink",
        summary: "Create a link for a client; it is shown once",
        tags: TAGS,
        params: batchParams,
        body: newLinkSchema,
        response: { 201: answer("The link", issuedLinkSchema), ...problems(400, 401, 404, 503) },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const { spec } = await readBatch(services, request.params.id);
      const { name, days, review, downloads } = request.body;
      await services.followClock();
      const nowMs = serverNow();
      const expiresAt = expiryOf(request.caller, nowMs + days * DAY_MS);
      checkMayReview(request.caller, review);
      const id = newKeyId();
      const key = newKeyText(id);
      const createdAt = new Date(nowMs).toISOString();
      const record: KeyRecord = {
        format: LINK_FORMAT,
        id,
        name,
        tenant: tenantOf(spec),
        scopes: [review ? "review" : "read"],
        limits: { callsPerMinute: CALLS_PER_MINUTE },
        link: { batch: spec.id, downloads },
        createdAt,
        createdBy: request.caller.id,
        expiresAt,
        secrets: [{ hash: hashOfKey(key), createdAt }],
      };
      if (!(await services.keys.create(record))) throw new DarkroomError("internal", "a random key id is taken");
      request.log.info({ made: id, batch: spec.id, review, downloads }, "link created");
      void reply.code(201).header("cache-control", "no-store");
      // Browsers do not send the part after # to any server.
      return { ...viewLink(record, { use: undefined }, nowMs), path: `/link#${key}` };
    },
  );

  app.get(
    "/batches/:id/links",
    {
      config,
      schema: {
        operationId: "listLinks",
        summary: "List the links to a batch",
        tags: TAGS,
        params: batchParams,
        response: { 200: answer("The links", linkListSchema), ...problems(401, 404, 503) },
      },
    },
    async (request) => {
      const { keys } = app.services;
      const { spec } = await readBatch(app.services, request.params.id);
      const found = await keys.listLinks(spec.id, { limit: MOST_LISTED });
      const uses = await keys.lastUses(found.map(({ id }) => id));
      const nowMs = serverNow();
      const makers = await Promise.all(found.map(async (record) => await keys.makerOf(record)));
      return {
        links: found.map((record, place) => viewLink(record, { use: uses[place], maker: makers[place] }, nowMs)),
      };
    },
  );

  app.post(
    "/batches/:id/links/:link/revoke",
    {
      config: { ...config, repeats: "safely" },
      schema: {
        operationId: "revokeLink",
        summary: "Revoke a link at once and for good",
        tags: TAGS,
        params: linkParams,
        response: { 200: answer("The link", linkSchema), ...problems(401, 404, 503) },
      },
    },
    async (request) => {
      const { spec } = await readBatch(app.services, request.params.id);
      return await revoke(app.services, spec.id, request.params.link);
    },
  );
}

async function revoke({ keys }: Services, batchId: string, id: string): Promise<z.infer<typeof linkSchema>> {
  const found = isKeyId(id) ? await keys.read(id) : undefined;
  const nowMs = serverNow();
  const revokedAt = new Date(nowMs).toISOString();
  const changed =
    found?.link?.batch === batchId ? await keys.change(id, (record) => ({ revokedAt, ...record })) : undefined;
  if (changed === undefined) throw new DarkroomError("not_found", "There is no such link to this batch.");
  const [use] = await keys.lastUses([id]);
  return viewLink(changed, { use }, nowMs);
}

/** A link does not outlive the key that creates it. */
function expiryOf(caller: Caller, wishedMs: number): string {
  const most = caller.expiresAt === undefined ? Infinity : Date.parse(caller.expiresAt);
  return new Date(Math.min(wishedMs, most)).toISOString();
}

function checkMayReview(caller: Caller, review: boolean): void {
  if (!review || allowsScope(caller.scopes, "review")) return;
  const message = `review: the key ${caller.id} may not review, and may not hand out a link that does.`;
  throw new DarkroomError("forbidden", message, { field: "review" });
}

function viewLink(record: KeyRecord, around: KeySurroundings, nowMs: number): z.infer<typeof linkSchema> {
  const { id, name, state, scopes, createdAt, createdBy, expiresAt, lastUsedAt } = viewKey(record, around, nowMs);
  const { batch = "", downloads = false } = record.link ?? {};
  return {
    id,
    name,
    batch,
    review: scopes.includes("review"),
    downloads,
    state,
    createdAt,
    createdBy,
    expiresAt,
    lastUsedAt,
  };
}
