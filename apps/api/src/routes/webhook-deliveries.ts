import { DarkroomError } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import { bodyOfTest, messageId, messageOfEvent, type SourcedMessage } from "@darkroom/webhooks";
import { answer } from "../http/answer.ts";
import { nextCursor, positionOf } from "../http/cursor.ts";
import { problems } from "../http/problem.ts";
import type { ApiServer, Services } from "../services.ts";
import { checkEnabled, noSuchWebhook, readWebhook } from "../webhooks/read-webhook.ts";
import {
  deliveryListQuery,
  deliveryListSchema,
  deliveryParams,
  resendSchema,
  sentMessageSchema,
  webhookParams,
  webhookSchema,
} from "../webhooks/webhook-schemas.ts";
import { viewDelivery, viewWebhook } from "../webhooks/webhook-view.ts";

const TAGS = ["webhooks"];
const config = { scope: "manage" } as const;

/** Routes for the deliveries of webhooks. */
export async function webhookDeliveryRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/webhooks/:id/deliveries",
    {
      config,
      schema: {
        operationId: "listWebhookDeliveries",
        summary: "List a webhook's attempts, newest first",
        description: "About 1,000 attempts of the last 30 days are kept.",
        tags: TAGS,
        params: webhookParams,
        querystring: deliveryListQuery,
        response: { 200: answer("A page of attempts", deliveryListSchema), ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const { id } = await readWebhook(services, request);
      const { limit, cursor } = request.query;
      const list = { deliveries: id };
      const found = await services.deliveries.list(id, limit + 1, positionOf(list, cursor, "string"));
      const page = found.slice(0, limit);
      return {
        deliveries: page.map(viewDelivery),
        nextCursor: nextCursor(list, found.length > limit ? page.at(-1)?.id : undefined),
      };
    },
  );

  app.post(
    "/webhooks/:id/deliveries/:delivery/resend",
    {
      config,
      schema: {
        operationId: "resendWebhookDelivery",
        summary: "Send one event again, at once and with the same webhook-id",
        tags: TAGS,
        params: deliveryParams,
        response: { 202: answer("It is sent soon", sentMessageSchema), ...problems(401, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const webhook = await readWebhook(services, request);
      checkEnabled(webhook);
      const sent = await loggedMessage(services, webhook.id, request.params.delivery);
      if (!(await services.webhookQueue.add(webhook.id, sent))) throw noSuchWebhook();
      void reply.code(202);
      return { message: sent.message.id };
    },
  );

  app.post(
    "/webhooks/:id/resend",
    {
      config: { ...config, repeats: "safely" },
      schema: {
        operationId: "resendWebhook",
        summary: "Send all events since a time again, in order and with the same webhook-ids",
        description: "Everything that waits is sent too, in its place.",
        tags: TAGS,
        params: webhookParams,
        body: resendSchema,
        response: { 202: answer("The webhook", webhookSchema), ...problems(400, 401, 404, 503) },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const { ledger, webhookQueue, webhooks } = services;
      const webhook = await readWebhook(services, request);
      // Pending messages must not be skipped.
      const unsent = await webhookQueue.oldestUnsent(webhook.id);
      const sinceMs = Math.min(Date.parse(request.body.since), unsent);
      await webhookQueue.rewind(webhook, await ledger.feed.lastBefore(sinceMs));
      request.log.info({ resent: webhook.id, since: request.body.since }, "webhook events sent again");
      void reply.code(202);
      return viewWebhook(webhook, await webhooks.health(webhook.id), serverNow());
    },
  );

  app.post(
    "/webhooks/:id/test",
    {
      config,
      schema: {
        operationId: "testWebhook",
        summary: "Send a message of type `webhook.test`",
        description:
          "Its result is in the webhook's deliveries, under the returned `message`. It replaces a test that still waits.",
        tags: TAGS,
        params: webhookParams,
        response: { 202: answer("It is sent soon", sentMessageSchema), ...problems(401, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { services } = app;
      const webhook = await readWebhook(services, request);
      checkEnabled(webhook);
      const message = {
        id: messageId(webhook.id, `test ${request.id}`),
        position: "-",
        body: bodyOfTest(webhook.id, serverNow()),
      };
      if (!(await services.webhookQueue.addTest(webhook.id, message))) throw noSuchWebhook();
      void reply.code(202);
      return { message: message.id };
    },
  );
}

/** Returns the message of an attempt, from its event. */
async function loggedMessage(
  { deliveries, ledger }: Pick<Services, "deliveries" | "ledger">,
  webhookId: string,
  deliveryId: string,
): Promise<SourcedMessage> {
  const attempt = /^\d{1,15}-\d{1,15}$/.test(deliveryId) ? await deliveries.read(webhookId, deliveryId) : undefined;
  if (attempt === undefined) {
    const message = `There is no such delivery. List them: darkroom webhooks deliveries ${webhookId}.`;
    throw new DarkroomError("not_found", message);
  }
  const found = attempt.event === null ? undefined : await ledger.feed.at(attempt.position);
  if (found?.event.id !== attempt.event) {
    const message =
      attempt.event === null ? "A test is not sent again; send another one." : "This event is not kept any more.";
    throw new DarkroomError("conflict", message);
  }
  const { id } = found.event;
  return {
    source: id.slice(0, id.lastIndexOf(".")),
    message: messageOfEvent(webhookId, found.position, found.event),
  };
}
