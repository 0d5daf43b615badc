import { hashOfKey, isKeyId, KEY_FORMAT, newKeyId, newKeyText, withNewSecret, type KeyRecord } from "@darkroom/access";
import { DarkroomError, DEFAULT_TENANT } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import { ownTenant, type Caller } from "../access/caller.ts";
import { answer } from "../http/answer.ts";
import { nextCursor, positionOf } from "../http/cursor.ts";
import { problems } from "../http/problem.ts";
import {
  DEFAULT_GRACE_MS,
  issuedKeySchema,
  keyListQuery,
  keyListSchema,
  keyParams,
  keySchema,
  newKeySchema,
  rotationSchema,
} from "../keys/key-schemas.ts";
import { checkNotWider, newKeyLimits } from "../keys/new-key-limits.ts";
import { viewKey } from "../keys/key-view.ts";
import type { ApiServer, Services } from "../services.ts";

const TAGS = ["keys"];
const config = { scope: "admin" } as const;

/** Routes for API keys. */
export async function keyRoutes(app: ApiServer): Promise<void> {
  app.post(
    "/keys",
    {
      config: { ...config, showsSecret: true },
      schema: {
        operationId: "createKey",
        summary: "Create an API key; it is shown once",
        tags: TAGS,
        body: newKeySchema,
        response: { 201: answer("The key", issuedKeySchema), ...problems(400, 401, 503) },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const { name, scopes, expiresAt } = request.body;
      const tenant = tenantOfNew(request.caller, request.body.tenant);
      await services.followClock();
      const nowMs = serverNow();
      if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs) throw alreadyExpired(expiresAt);
      const limits = newKeyLimits(request.caller, { tenant, scopes, limits: request.body.limits ?? {} }, services);
      const endsAt = expiresAt === undefined ? request.caller.expiresAt : new Date(expiresAt).toISOString();
      checkNotWider(request.caller, { limits, expiresAt: endsAt });
      const id = newKeyId();
      const key = newKeyText(id);
      const createdAt = new Date(nowMs).toISOString();
      const record: KeyRecord = {
        format: KEY_FORMAT,
        id,
        name,
        tenant,
        scopes: [...new Set(scopes)],
        limits,
        createdAt,
        createdBy: request.caller.id,
        ...(endsAt === undefined ? {} : { expiresAt: endsAt }),
        secrets: [{ hash: hashOfKey(key), createdAt }],
      };
      if (!(await services.keys.create(record))) throw new DarkroomError("internal", "a random key id is taken");
      request.log.info({ made: id, tenant, scopes: record.scopes }, "key created");
      void reply.code(201).header("location", `/v1/keys/${id}`).header("cache-control", "no-store");
      return { ...viewKey(record, { use: undefined }, nowMs), key };
    },
  );

  app.get(
    "/keys",
    {
      config,
      schema: {
        operationId: "listKeys",
        summary: "List API keys, newest first",
        tags: TAGS,
        querystring: keyListQuery,
        response: { 200: answer("A page of keys", keyListSchema), ...problems(400, 401, 503) },
      },
    },
    async (request) => {
      const { keys } = app.services;
      const { limit, cursor } = request.query;
      const tenant = ownTenant(request.caller);
      const list = { keys: tenant ?? null };
      const found = await keys.list({ limit: limit + 1, before: positionOf(list, cursor, "string") }, tenant);
      const page = found.slice(0, limit);
      const uses = await keys.lastUses(page.map(({ id }) => id));
      const nowMs = serverNow();
      return {
        keys: page.map((record, place) => viewKey(record, { use: uses[place] }, nowMs)),
        nextCursor: nextCursor(list, found.length > limit ? page.at(-1)?.id : undefined),
      };
    },
  );

  app.get(
    "/keys/:id",
    {
      config,
      schema: {
        operationId: "getKey",
        summary: "Get an API key's record",
        tags: TAGS,
        params: keyParams,
        response: { 200: answer("The key", keySchema), ...problems(401, 404, 503) },
      },
    },
    async (request) => await view(app.services, await readKey(app.services, request)),
  );

  app.post(
    "/keys/:id/rotate",
    {
      config: { ...config, showsSecret: true },
      schema: {
        operationId: "rotateKey",
        summary: "Give an API key a new secret; the former one works for a while",
        description:
          "Its id, scopes and limits stay. A rotation within the grace of another one ends the oldest secret.",
        tags: TAGS,
        params: keyParams,
        body: rotationSchema,
        response: { 200: answer("The key with its new secret", issuedKeySchema), ...problems(400, 401, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const { id, ...known } = await readKey(services, request);
      if (id !== request.caller.id) checkNotWider(request.caller, known);
      await services.followClock();
      const key = newKeyText(id);
      const { graceSeconds } = request.body ?? {};
      const graceMs = graceSeconds === undefined ? DEFAULT_GRACE_MS : graceSeconds * 1_000;
      const changed = await services.keys.change(id, (record) => {
        if (record.revokedAt !== undefined) throw isRevoked(id);
        return withNewSecret(record, hashOfKey(key), serverNow(), graceMs);
      });
      if (changed === undefined) throw noSuchKey();
      request.log.info({ rotated: id, graceMs }, "key rotated");
      void reply.header("cache-control", "no-store");
      return { ...(await view(services, changed)), key };
    },
  );

  app.post(
    "/keys/:id/revoke",
    {
      config: { ...config, repeats: "safely" },
      schema: {
        operationId: "revokeKey",
        summary: "Revoke an API key at once and for good",
        tags: TAGS,
        params: keyParams,
        response: { 200: answer("The key as it is now", keySchema), ...problems(401, 404, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const { id } = await readKey(services, request);
      const changed = await services.keys.change(id, (record) => ({
        ...record,
        revokedAt: record.revokedAt ?? new Date(serverNow()).toISOString(),
      }));
      if (changed === undefined) throw noSuchKey();
      request.log.info({ revoked: id }, "key revoked");
      return await view(services, changed);
    },
  );
}

async function view({ keys }: Pick<Services, "keys">, record: KeyRecord) {
  const [use] = await keys.lastUses([record.id]);
  return viewKey(record, { use }, serverNow());
}

/** A request about one key. */
interface Asked {
  readonly params: { readonly id: string };
  readonly caller: Caller;
}

async function readKey({ keys }: Pick<Services, "keys">, { params: { id }, caller }: Asked): Promise<KeyRecord> {
  const record = isKeyId(id) ? await keys.read(id) : undefined;
  const tenant = ownTenant(caller);
  if (record === undefined || (tenant !== undefined && record.tenant !== tenant)) throw noSuchKey();
  return record;
}

/** Returns the tenant of a new key: the creator's tenant, unless the creator sees all tenants. */
function tenantOfNew(caller: Caller, wished: string | undefined): string {
  const own = ownTenant(caller);
  if (own === undefined) return wished ?? DEFAULT_TENANT;
  if (wished === undefined || wished === own) return own;
  throw new DarkroomError("forbidden", "tenant: a tenant's key creates keys of its own tenant only; omit it.", {
    field: "tenant",
  });
}

function noSuchKey(): DarkroomError {
  return new DarkroomError("not_found", "There is no key with this id. List them: darkroom keys (GET /v1/keys).");
}

function isRevoked(id: string): DarkroomError {
  return new DarkroomError("conflict", `The key ${id} is revoked. Create another one.`);
}

function alreadyExpired(expiresAt: string): DarkroomError {
  const message = `expiresAt: ${expiresAt} has passed; the key would never work.`;
  return new DarkroomError("invalid_input", message, { field: "expiresAt" });
}
