import { connect } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { readStream, type SeenEvent } from "../../test/read-stream.ts";
import { isRecord } from "../../test/test-record.ts";
import { until } from "@darkroom/testkit";
import { testApi } from "../../test/test-api.ts";

/** Returns the names of live events. */
function names(events: readonly SeenEvent[]): string[] {
  return events.filter(({ id }) => id === undefined).map(({ name }) => name);
}

test("sends a batch's status, events and end, then closes", async () => {
  await using api = await testApi();
  const { id } = await api.batch(2);
  const { events, ended } = await readStream(api, `/v1/batches/${id}/events`);
  await until(() => events.length > 0, { what: "the first event" });
  expect(events[0]).toMatchObject({ name: "batch", data: { id, state: "running", counts: { pending: 2 } } });

  await until(async () => (await api.bus.event(id, { type: "portrait-start", index: 0 })) > 0, { what: "a watcher" });
  await api.bus.event(id, { type: "portrait-progress", index: 0, message: "smoothing", percent: 40 });
  const wait = {
    reason: "provider_busy",
    message: "busy",
    delayMs: 10,
    nextLookAt: "2026-11-21T10:00:00.000Z",
  } as const;
  await api.bus.event(id, { type: "portrait-retry", index: 0, ...wait });
  await api.bus.event(id, { type: "portrait-end", index: 0, outcome: "ok", message: "" });
  await until(() => names(events).includes("portrait-end"), { what: "the portrait's events" });
  expect(events.filter(({ name }) => name.startsWith("portrait-"))).toEqual([
    { name: "portrait-start", data: { index: 0 } },
    { name: "portrait-progress", data: { index: 0, message: "smoothing", percent: 40 } },
    { name: "portrait-retry", data: { index: 0, ...wait } },
    { name: "portrait-end", data: { index: 0, outcome: "ok", message: "" } },
  ]);

  await api.settle(id, 0, "ok");
  await until(
    () =>
      events.some(
        ({ name, data }) => name === "batch" && isRecord(data["counts"]) && data["counts"]["succeeded"] === 1,
      ),
    {
      what: "the new counts",
    },
  );
  await api.settle(id, 1, "timeout");
  await api.end(id, "completed_with_failures");
  await ended;
  expect(events.at(-1)).toMatchObject({
    name: "batch-end",
    data: {
      state: "completed_with_failures",
      counts: { succeeded: 1, failed: 1 },
      report: `/v1/batches/${id}/report.csv`,
    },
  });
});

test("reports at once that a batch has ended", async () => {
  await using api = await testApi();
  const { id } = await api.batch(1);
  await api.end(id, "completed");
  const { events, ended } = await readStream(api, `/v1/batches/${id}/events`);
  await ended;
  expect(names(events)).toEqual(["batch", "batch-end"]);
});

test("has no events for a batch that was never submitted", async () => {
  await using api = await testApi();
  expect(await api.call("/v1/batches/01hzzzzzzzzzzzzzzzzzzzzzzz/events")).toMatchObject({
    status: 404,
    body: { code: "not_found" },
  });
});

test("serves all watchers of a batch with one subscription, and drops it with the last", async () => {
  await using api = await testApi();
  const { id } = await api.batch(1);
  const channel = `${api.settings.redis.namespace}:events:${id}`;
  const subscriptions = async (): Promise<number> => {
    const reply = (await api.redis.call("PUBSUB", "NUMSUB", channel)) as [string, number];
    return reply[1];
  };
  const watchers = await Promise.all([1, 2, 3].map(() => readStream(api, `/v1/batches/${id}/events`)));
  await until(async () => (await subscriptions()) > 0, { what: "the subscription" });
  expect(await subscriptions()).toBe(1);
  await api.bus.event(id, { type: "portrait-start", index: 0 });
  await until(() => watchers.every(({ events }) => names(events).includes("portrait-start")), { what: "all to hear" });
  for (const watcher of watchers) watcher.stop();
  await until(async () => (await subscriptions()) === 0, { what: "the subscription to end" });
});

test("buffers little for a reader that does not read, and still sends it the batch's end", async () => {
  await using api = await testApi();
  const { id } = await api.batch(2);
  const { port, hostname } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(`GET /v1/batches/${id}/events HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`);
  await once(socket, "readable");
  const message = "x".repeat(100_000);
  await until(async () => (await api.bus.event(id, { type: "portrait-start", index: 0 })) > 0, { what: "a watcher" });
  for (let count = 0; count < 400; count++) {
    await api.bus.event(id, { type: "portrait-progress", index: 0, message });
  }
  await api.settle(id, 0, "ok");
  await api.end(id, "completed");
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => (text += chunk));
  await until(() => text.includes("event: batch-end"), { what: "the end" });
  socket.destroy();
  const received = text.split("event: portrait-progress").length - 1;
  expect(received).toBeGreaterThan(0);
  expect(received).toBeLessThan(400);
});
