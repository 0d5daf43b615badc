import { z } from "zod";
import { DarkroomError, DEFAULT_TENANT } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import {
  disabledRecord,
  MAX_WEBHOOKS,
  newWebhookId,
  newWebhookSecret,
  sourceOfWebhook,
  WEBHOOK_FORMAT,
  withNewWebhookSecret,
  type WebhookRecord,
} from "@darkroom/webhooks";
import { ownTenant, type Caller } from "../access/caller.ts";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import type { ApiServer, Services } from "../services.ts";
import { checkedWebhookUrl } from "../webhooks/checked-webhook-url.ts";
import { noSuchWebhook, readWebhook } from "../webhooks/read-webhook.ts";
import {
  DEFAULT_GRACE_MS,
  issuedWebhookSchema,
  newWebhookSchema,
  webhookChangeSchema,
  webhookListSchema,
  webhookParams,
  webhookRotationSchema,
  webhookSchema,
} from "../webhooks/webhook-schemas.ts";
import { viewWebhook } from "../webhooks/webhook-view.ts";

const TAGS = ["webhooks"];
const config = { scope: "manage" } as const;

/** Routes for the endpoints of webhooks. */
export async function webhookRoutes(app: ApiServer): Promise<void> {
  app.post(
    "/webhooks",
    {
      config: { ...config, showsSecret: true },
      schema: {
        operationId: "createWebhook",
        summary: "Create a webhook; its secret is shown once",
        description:
          "Events that happen from now on are sent to the URL, signed by the Standard Webhooks specification.",
        tags: TAGS,
        body: newWebhookSchema,
        response: { 201: answer("The webhook", issuedWebhookSchema), ...problems(400, 401, 403, 409, 503) },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const { description, events } = request.body;
      const tenant = tenantOfNew(request.caller, request.body.tenant);
      const url = checkedWebhookUrl(request.body.url, services.allowPrivateWebhooks);
      await services.followClock();
      const nowMs = serverNow();
      const createdAt = new Date(nowMs).toISOString();
      const secret = newWebhookSecret();
      const record: WebhookRecord = {
        format: WEBHOOK_FORMAT,
        id: newWebhookId(),
        url,
        tenant,
        ...(description === undefined ? {} : { description }),
        ...(events === undefined ? {} : { events: [...new Set(events)] }),
        createdAt,
        createdBy: request.caller.id,
        disablings: [],
        secrets: [{ secret, createdAt }],
      };
      if (!(await services.webhooks.create(record, await services.ledger.feed.newest()))) throw tooMany();
      request.log.info({ made: record.id, tenant }, "webhook created");
      void reply.code(201).header("location", `/v1/webhooks/${record.id}`).header("cache-control", "no-store");
      return { ...(await view(services, record)), secret };
    },
  );

  app.get(
    "/webhooks",
    {
      config,
      schema: {
        operationId: "listWebhooks",
        summary: "List webhooks, newest first",
        tags: TAGS,
        response: { 200: answer("The webhooks", webhookListSchema), ...problems(401, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const found = await services.webhooks.list(ownTenant(request.caller));
      return { webhooks: await Promise.all(found.map((record) => view(services, record))) };
    },
  );

  app.get(
    "/webhooks/:id",
    {
      config,
      schema: {
        operationId: "getWebhook",
        summary: "Get a webhook",
        tags: TAGS,
        params: webhookParams,
        response: { 200: answer("The webhook", webhookSchema), ...problems(401, 404, 503) },
      },
    },
    async (request) => await view(app.services, await readWebhook(app.services, request)),
  );

  app.post(
    "/webhooks/:id",
    {
      config: { ...config, repeats: "safely" },
      schema: {
        operationId: "changeWebhook",
        summary: "Change, enable or disable a webhook",
        description:
          "A webhook that is enabled again continues where it stopped, at once, unless `skipWaiting` drops what waits.",
        tags: TAGS,
        params: webhookParams,
        body: webhookChangeSchema,
        response: { 200: answer("The webhook as it is now", webhookSchema), ...problems(400, 401, 403, 404, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const webhook = await readWebhook(services, request);
      const { url, enabled, skipWaiting = false, ...wished } = request.body ?? {};
      const checked = url === undefined ? {} : { url: checkedWebhookUrl(url, services.allowPrivateWebhooks) };
      if (skipWaiting) await services.webhookQueue.rewind(webhook, await services.ledger.feed.newest());
      if (enabled === true) await services.webhookQueue.refresh(webhook.id);
      const changed = await services.webhooks.change(webhook.id, (record) =>
        withSwitch({ ...withChange(record, wished), ...checked }, enabled, request.caller),
      );
      if (changed === undefined) throw noSuchWebhook();
      request.log.info({ changed: webhook.id, enabled }, "webhook changed");
      return await view(services, changed);
    },
  );

  app.delete(
    "/webhooks/:id",
    {
      config: { ...config, repeats: "safely" },
      schema: {
        operationId: "deleteWebhook",
        summary: "Delete a webhook with everything that waits",
        tags: TAGS,
        params: webhookParams,
        response: { 204: z.undefined().describe("The webhook was deleted."), ...problems(401, 404, 503) },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const webhook = await readWebhook(services, request);
      await services.webhookQueue.remove(webhook);
      await services.ledger.feed.forget([sourceOfWebhook(webhook.id)]);
      request.log.info({ deleted: webhook.id }, "webhook deleted");
      await reply.code(204).send();
    },
  );

  app.post(
    "/webhooks/:id/rotate",
    {
      config: { ...config, showsSecret: true },
      schema: {
        operationId: "rotateWebhookSecret",
        summary: "Give a webhook a new secret; the former one signs too for a while",
        description: "A rotation within the grace of another one ends the oldest secret.",
        tags: TAGS,
        params: webhookParams,
        body: webhookRotationSchema,
        response: {
          200: answer("The webhook with its new secret", issuedWebhookSchema),
          ...problems(400, 401, 404, 503),
        },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const { id } = await readWebhook(services, request);
      await services.followClock();
      const secret = newWebhookSecret();
      const { graceSeconds } = request.body ?? {};
      const graceMs = graceSeconds === undefined ? DEFAULT_GRACE_MS : graceSeconds * 1_000;
      const changed = await services.webhooks.change(id, (record) =>
        withNewWebhookSecret(record, secret, serverNow(), graceMs),
      );
      if (changed === undefined) throw noSuchWebhook();
      request.log.info({ rotated: id, graceMs }, "webhook secret rotated");
      void reply.header("cache-control", "no-store");
      return { ...(await view(services, changed)), secret };
    },
  );
}

async function view({ webhooks }: Pick<Services, "webhooks">, record: WebhookRecord) {
  return viewWebhook(record, await webhooks.health(record.id), serverNow());
}

interface Wished {
  readonly description?: string | null | undefined;
  readonly events?: readonly string[] | null | undefined;
}

/** Applies the plain fields of a change. Null restores a field's default. */
function withChange(record: WebhookRecord, { description, events }: Wished): WebhookRecord {
  return {
    ...record,
    ...(description === undefined ? {} : { description: description ?? undefined }),
    ...(events === undefined ? {} : { events: events === null ? undefined : [...new Set(events)] }),
  };
}

/** Enables or disables an endpoint. */
function withSwitch(record: WebhookRecord, enabled: boolean | undefined, caller: Caller): WebhookRecord {
  if (enabled === undefined) return record;
  if (enabled) return { ...record, disabled: undefined };
  return disabledRecord(record, { atMs: serverNow(), by: "person", reason: `Disabled by the key ${caller.id}.` });
}

/** Returns the tenant of a new endpoint: the creator's tenant, unless the creator sees all tenants. */
function tenantOfNew(caller: Caller, wished: string | undefined): string {
  const own = ownTenant(caller);
  if (own === undefined) return wished ?? DEFAULT_TENANT;
  if (wished === undefined || wished === own) return own;
  throw new DarkroomError("forbidden", "tenant: a tenant's key creates webhooks of its own tenant only; omit it.", {
    field: "tenant",
  });
}

function tooMany(): DarkroomError {
  const message = `There are already ${MAX_WEBHOOKS} webhooks. Delete one first: darkroom webhooks.`;
  return new DarkroomError("conflict", message);
}
