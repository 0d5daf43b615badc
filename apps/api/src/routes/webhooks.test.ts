import { expect, test } from "vitest";
import { sharedKeys } from "@darkroom/ledger";
import { messageOfEvent, WebhookQueue, type DeliveryAttempt } from "@darkroom/webhooks";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

const URL_TEXT = "https://hooks.example/darkroom";

async function create(api: TestApi, wish: object = {}): Promise<{ readonly id: string; readonly secret: string }> {
  const { status, body } = await api.call("/v1/webhooks", json({ url: URL_TEXT, ...wish }));
  expect(status).toBe(201);
  return { id: String(body["id"]), secret: String(body["secret"]) };
}

async function change(api: TestApi, id: string, wish: object) {
  return await api.call(`/v1/webhooks/${id}`, json(wish));
}

test("a webhook is created, listed, changed, disabled, enabled and deleted", async () => {
  await using api = await testApi();
  const { id, secret } = await create(api, { description: "Studio", events: ["batch.completed", "batch.completed"] });
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const shown = {
    id,
    url: URL_TEXT,
    description: "Studio",
    tenant: "default",
    events: ["batch.completed"],
    state: "enabled",
    waiting: 0,
    createdBy: "local",
  };
  expect((await api.call(`/v1/webhooks/${id}`)).body).toMatchObject(shown);
  expect((await api.call("/v1/webhooks")).body).toMatchObject({ webhooks: [shown] });
  const changed = await change(api, id, { url: "https://hooks.example/other", description: null, events: null });
  expect(changed.body).toMatchObject({ url: "https://hooks.example/other", description: null });
  expect(changed.body["events"]).toContain("batch.accepted");
  expect(changed.body["events"]).not.toContain("portrait.failed");
  const disabled = await change(api, id, { enabled: false });
  expect(disabled.body).toMatchObject({ state: "disabled", disabledBy: "person", disabledAt: expect.any(String) });
  expect(await api.call(`/v1/webhooks/${id}/test`, { method: "POST" })).toMatchObject({ status: 409 });
  expect((await change(api, id, { enabled: true })).body).toMatchObject({ state: "enabled", disabledBy: null });
  expect((await api.call(`/v1/webhooks/${id}`, { method: "DELETE" })).status).toBe(204);
  expect((await api.call(`/v1/webhooks/${id}`)).status).toBe(404);
  const left = await api.redis.keys(`*${api.settings.redis.namespace}:webhooks*`);
  expect(left).toEqual([]);
});

test("a secret is shown at creation and rotation only, and never logged", async () => {
  await using api = await testApi();
  const { id, secret } = await create(api);
  const rotated = await api.call(`/v1/webhooks/${id}/rotate`, json({ graceSeconds: 60 }));
  expect(rotated.body).toMatchObject({ formerUntil: expect.any(String), rotatedAt: expect.any(String) });
  const second = String(rotated.body["secret"]);
  expect(second).not.toBe(secret);
  const ended = await api.call(`/v1/webhooks/${id}/rotate`, json({ graceSeconds: 0 }));
  expect(ended.body["formerUntil"]).toBeNull();
  const answers = [
    (await api.call(`/v1/webhooks/${id}`)).body,
    (await api.call("/v1/webhooks")).body,
    (await change(api, id, { description: "x" })).body,
    (await api.call(`/v1/webhooks/${id}/deliveries`)).body,
  ];
  for (const text of [JSON.stringify(answers), api.logged.join("")]) expect(text).not.toContain("whsec_");
});

test.each([
  ["http://hooks.example/", 400],
  ["ftp://hooks.example/", 400],
  ["hooks.example", 400],
  ["https://user:password@hooks.example/", 400],
  ["https://hooks.example/#part", 400],
  ["https://127.0.0.1/", 403],
  ["https://2130706433/", 403],
  ["https://0x7f.1/", 403],
  ["https://[::ffff:10.0.0.1]/", 403],
  ["https://localhost./", 403],
  ["https://169.254.169.254/latest/", 403],
])("refuses %s", async (url, status) => {
  await using api = await testApi();
  expect(await api.call("/v1/webhooks", json({ url }))).toMatchObject({ status, body: { field: "url" } });
  const { id } = await create(api);
  expect(await change(api, id, { url })).toMatchObject({ status, body: { field: "url" } });
});

test("allows private networks where the deployment does", async () => {
  await using api = await testApi({ variables: { DARKROOM_ALLOW_PRIVATE_WEBHOOKS: "true" } });
  expect((await create(api, { url: "http://127.0.0.1:9/hooks" })).id).toMatch(/^wh_/);
});

test("a tenant has at most 50 webhooks", async () => {
  await using api = await testApi();
  for (let n = 0; n < 50; n += 1) await create(api);
  expect(await api.call("/v1/webhooks", json({ url: URL_TEXT }))).toMatchObject({ status: 409 });
  expect((await create(api, { tenant: "acme" })).id).toMatch(/^wh_/);
});

test("a test message waits for the producer, and resend puts the events since a time in its place", async () => {
  await using api = await testApi();
  const old = (await api.batch(1)).id;
  await api.ledger.feed.forward(old);
  const { id } = await create(api);
  const tested = await api.call(`/v1/webhooks/${id}/test`, { method: "POST" });
  expect(tested).toMatchObject({ status: 202, body: { message: expect.stringMatching(/^msg_/) as unknown } });
  expect((await api.call(`/v1/webhooks/${id}`)).body["waiting"]).toBe(1);
  const resent = await api.call(`/v1/webhooks/${id}/resend`, json({ since: "2026-01-01T00:00:00Z" }));
  expect(resent).toMatchObject({ status: 202, body: { id } });
  const queue = new WebhookQueue(api.redis, api.settings.redis.namespace);
  expect(await queue.cursors()).toEqual({ [id]: "0-0" });
  expect(await api.call(`/v1/webhooks/${id}/deliveries/1-1/resend`, { method: "POST" })).toMatchObject({ status: 404 });
  expect(await api.call(`/v1/webhooks/${id}/resend`, json({ since: "yesterday" }))).toMatchObject({ status: 400 });
});

test("attempts are listed in pages, and one event is sent again as long as the feed keeps it", async () => {
  await using api = await testApi();
  const { id } = await create(api);
  const batch = (await api.batch(1)).id;
  await api.ledger.feed.forward(batch);
  const [placed] = (await api.ledger.feed.read("0-0", 1)).events;
  if (placed === undefined) throw new Error("no event");
  const queue = new WebhookQueue(api.redis, api.settings.redis.namespace);
  const message = messageOfEvent(id, placed.position, placed.event);
  const log = async (entry: Partial<DeliveryAttempt>): Promise<void> => {
    await queue.add(id, { source: batch, message });
    const [line] = (await queue.due(id)).lines;
    const head = await queue.head(id, line?.source ?? "");
    if (head === undefined) throw new Error("nothing waits");
    const attempt: DeliveryAttempt = {
      message: message.id,
      position: placed.position,
      type: placed.event.type,
      event: placed.event.id,
      attempt: 1,
      outcome: "delivered",
      status: 200,
      durationMs: 7,
      ...entry,
    };
    await queue.settle(id, head, { leaves: true, delayMs: 0, holdMs: 0, entry: attempt });
  };
  await log({ outcome: "given_up", status: null, failure: "hooks.example did not answer within 20 s" });
  await log({});
  await log({ type: "webhook.test", event: null, position: "-" });
  const path = `/v1/webhooks/${id}/deliveries`;
  const page = (await api.call(`${path}?limit=2`)).body as { deliveries: { id: string }[]; nextCursor: string };
  expect(page.deliveries).toMatchObject([
    { type: "webhook.test", event: null },
    { message: message.id, event: placed.event.id, outcome: "delivered", status: 200, durationMs: 7, failure: null },
  ]);
  const rest = await api.call(`${path}?limit=2&cursor=${page.nextCursor}`);
  expect(rest.body).toMatchObject({
    deliveries: [{ outcome: "given_up", status: null, failure: "hooks.example did not answer within 20 s" }],
    nextCursor: null,
  });
  const resend = async (place: number) =>
    await api.call(`${path}/${page.deliveries[place]?.id ?? ""}/resend`, { method: "POST" });
  expect(await resend(1)).toMatchObject({ status: 202, body: { message: message.id } });
  expect(await queue.waiting()).toEqual({ [id]: 1 });
  expect(await resend(0)).toMatchObject({ status: 409 });
  await api.redis.xtrim(sharedKeys(api.settings.redis.namespace).feed.entries, "MAXLEN", 0);
  expect(await resend(1)).toMatchObject({ status: 409, body: { detail: expect.stringContaining("not kept") } });
});
