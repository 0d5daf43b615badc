import { expect, test } from "vitest";
import { sharedKeys } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { readStream, type SeenEvent } from "../../test/read-stream.ts";
import { testApi, type TestApi } from "../../test/test-api.ts";

/** Returns the feed's events of a stream, as batch and type. */
function told(events: readonly SeenEvent[]): string[] {
  return events.filter(({ id }) => id !== undefined).map(({ name, data }) => `${String(data["batch"])} ${name}`);
}

/** Pauses and resumes a batch, each with the events that a producer forwards. */
async function steer(api: TestApi, id: string): Promise<void> {
  await api.ledger.control.pause(id, "lunch");
  await api.ledger.control.resume(id);
  await api.ledger.feed.forward(id);
}

test("streams the events of all batches as they arrive", async () => {
  await using api = await testApi();
  const [one, other] = [(await api.batch(1)).id, (await api.batch(1)).id];
  for (const id of [one, other]) await api.ledger.feed.forward(id);
  const stream = await readStream(api, "/v1/events");
  expect(stream.contentType).toMatch(/^text\/event-stream/);
  await steer(api, one);
  await steer(api, other);
  await until(() => stream.events.length >= 4, { what: "four events" });
  expect(told(stream.events)).toEqual([
    `${one} batch.paused`,
    `${one} batch.resumed`,
    `${other} batch.paused`,
    `${other} batch.resumed`,
  ]);
  expect(stream.events[0]?.data).toEqual({
    id: expect.stringMatching(new RegExp(`^${one}\\.3-\\d+$`)) as unknown,
    batch: one,
    tenant: "default",
    sequence: 3,
    at: expect.stringMatching(/^20/) as unknown,
    type: "batch.paused",
    state: "paused",
    data: { by: "person", reason: "lunch" },
  });
  stream.stop();
});

test("continues after the last id that a reader has received, without gaps or repetitions", async () => {
  await using api = await testApi();
  const { id } = await api.batch(1);
  await api.ledger.feed.forward(id);
  const first = await readStream(api, "/v1/events");
  // The connection is lost before the first event arrives.
  await until(() => first.lastId() !== undefined, { what: "the place" });
  first.stop();
  await steer(api, id);
  const second = await readStream(api, "/v1/events", first.lastId());
  await until(() => second.events.length === 2, { what: "two events" });
  second.stop();
  await steer(api, id);
  const third = await readStream(api, `/v1/events?after=${second.lastId()}`);
  await until(() => third.events.length === 2, { what: "two more events" });
  third.stop();
  const all = await readStream(api, "/v1/events?after=0&follow=false");
  await all.ended;
  expect([...second.events, ...third.events]).toEqual(all.events.slice(2));
});

test("tells a late reader that events are missing, and continues with the kept ones", async () => {
  await using api = await testApi();
  const { id } = await api.batch(1);
  for (let round = 0; round < 3; round += 1) await steer(api, id);
  const all = await readStream(api, "/v1/events?after=0&follow=false");
  await all.ended;
  await api.redis.xtrim(sharedKeys(api.settings.redis.namespace).feed.entries, "MAXLEN", 2);
  const late = await readStream(api, `/v1/events?follow=false&after=${all.events[0]?.id}`);
  await late.ended;
  const [gap, ...rest] = late.events;
  expect(gap).toEqual({
    id: undefined,
    name: "feed.gap",
    data: { reason: "trimmed", after: all.events[0]?.id, oldest: all.events.at(-2)?.data["id"] },
  });
  expect(rest).toEqual(all.events.slice(-2));
});

test("reports an emptied Redis to a reader once", async () => {
  await using api = await testApi();
  const stream = await readStream(api, "/v1/events", "1700000000000-0");
  await until(() => stream.events.length > 0, { what: "the gap" });
  const { id } = await api.batch(1);
  await api.ledger.feed.forward(id);
  await until(() => stream.events.length > 2, { what: "the events" });
  expect(stream.events.map(({ name }) => name)).toEqual(["feed.gap", "batch.accepted", "batch.source_read"]);
  expect(stream.events[0]?.data).toEqual({ reason: "rewritten", after: "1700000000000-0", oldest: null });
  stream.stop();
});

test("refuses a position that is none", async () => {
  await using api = await testApi();
  expect(await api.call("/v1/events?after=yesterday")).toMatchObject({ status: 400, body: { code: "invalid_input" } });
  const headers = { "last-event-id": "yesterday" };
  expect(await api.call("/v1/events", { headers })).toMatchObject({
    status: 400,
    body: { code: "invalid_input", field: "Last-Event-ID" },
  });
});

test("reads nothing without readers, and shares one subscription among all", async () => {
  await using api = await testApi();
  const subscriptions = async (): Promise<number> => {
    const channel = `${api.settings.redis.namespace}:feed`;
    return ((await api.redis.call("PUBSUB", "NUMSUB", channel)) as [string, number])[1];
  };
  expect(await subscriptions()).toBe(0);
  const streams = await Promise.all([1, 2, 3].map(() => readStream(api, "/v1/events")));
  await until(async () => (await subscriptions()) === 1, { what: "the subscription" });
  for (const stream of streams) stream.stop();
  await until(async () => (await subscriptions()) === 0, { what: "the subscription to end" });
});

test("one batch: its events come with ids between the live ones, before its end, and can be continued", async () => {
  await using api = await testApi();
  const { id } = await api.batch(2);
  const path = `/v1/batches/${id}/events`;
  const { body } = await api.call(`/v1/batches/${id}`);
  const first = await readStream(api, path);
  await api.ledger.control.pause(id, "lunch");
  await until(() => told(first.events).length === 1, { what: "the pause" });
  first.stop();
  await api.ledger.control.resume(id);
  const second = await readStream(api, path, first.lastId());
  await until(() => told(second.events).length === 1, { what: "the resumption" });
  for (const index of [0, 1]) await api.settle(id, index, "timeout");
  await api.ledger.beginFinish(id);
  await api.ledger.endBatch(id, 0, "completed_with_failures");
  await second.ended;
  expect(second.events.at(-1)).toMatchObject({ id: undefined, name: "batch-end" });
  const seen = [...first.events, ...second.events].filter((event) => event.id !== undefined);
  expect(seen.map(({ name }) => name)).toEqual([
    "batch.paused",
    "batch.resumed",
    "batch.started",
    "portrait.failed",
    "portrait.failed",
    "batch.finishing",
    "batch.completed",
  ]);
  const sinceStatus = await readStream(api, `${path}?after=${String(body["lastEvent"])}`);
  await sinceStatus.ended;
  expect(sinceStatus.events.filter((event) => event.id !== undefined)).toEqual(seen);
  const all = await readStream(api, `${path}?after=0`);
  await all.ended;
  expect(told(all.events).slice(0, 2)).toEqual([`${id} batch.accepted`, `${id} batch.source_read`]);
  expect(all.events.filter((event) => event.id !== undefined).slice(2)).toEqual(seen);
});
