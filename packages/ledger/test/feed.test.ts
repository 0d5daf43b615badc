import { afterAll, describe, expect, it } from "vitest";
import { Cluster } from "ioredis";
import { EMPTY_RECEIPT, type FeedEvent } from "@darkroom/core";
import { closeRedis, connectRedis, type RedisConnection } from "@darkroom/redis-kit";
import { startRedis, until } from "@darkroom/testkit";
import { FEED_START, Ledger, parseEventId, type FeedPage } from "../src/index.ts";
import { batchLedgerKeys, sharedKeys } from "../src/keys.ts";
import { batchSpec, openLedger, outcome } from "./open-ledger.ts";

const { redis, close, namespace: shared } = openLedger();
afterAll(close);

/** Opens a separate ledger, whose feed has only the events of one test. */
function newLedger() {
  const namespace = `${shared}-${crypto.randomUUID()}`;
  return { namespace, ledger: new Ledger(redis, namespace), other: new Ledger(redis, namespace) };
}

async function accept(ledger: Ledger): Promise<string> {
  const spec = batchSpec();
  await ledger.create(spec);
  return spec.id;
}

/** Pauses and resumes the batch alternately, until the feed has this many events. */
async function tell(ledger: Ledger, id: string, upTo: number): Promise<void> {
  for (let sequence = 2; sequence <= upTo; sequence += 1) {
    await (sequence % 2 === 0 ? ledger.control.pause(id, `for event ${sequence}`) : ledger.control.resume(id));
  }
}

function sequences({ events }: FeedPage, batch?: string): number[] {
  return events.filter(({ event }) => batch === undefined || event.batch === batch).map(({ event }) => event.sequence);
}

const eventsIn = ({ events }: FeedPage): readonly FeedEvent[] => events.map(({ event }) => event);

describe("forwarding", () => {
  it("adds each event to the deployment's feed once, with any number of forwarders", async () => {
    const { ledger, other } = newLedger();
    const ids = await Promise.all([accept(ledger), accept(ledger), accept(ledger)]);
    const work = Promise.all(ids.map((id) => tell(ledger, id, 60)));
    let isOver = false;
    work.finally(() => (isOver = true)).catch(() => undefined);
    const forwardAll = async (by: Ledger): Promise<void> => {
      do await Promise.all(ids.map((id) => by.feed.forward(id)));
      while (!isOver);
    };
    await Promise.all([work, forwardAll(ledger), forwardAll(other)]);
    await Promise.all(ids.map((id) => other.feed.forward(id)));
    const all = await ledger.feed.read(FEED_START, 1_000);
    for (const id of ids) {
      expect(sequences(all, id)).toEqual(Array.from({ length: 60 }, (_, before) => before + 1));
      const own = await ledger.feed.batches.read(id, FEED_START, 1_000);
      expect(eventsIn(all).filter(({ batch }) => batch === id)).toEqual(eventsIn(own));
    }
    expect(await ledger.feed.forward(ids[0] ?? "")).toBe(0);
  });

  it("continues where a producer died, with more events than one script takes", async () => {
    const { ledger, other } = newLedger();
    const id = await accept(ledger);
    await ledger.feed.forward(id);
    await tell(ledger, id, 1_203);
    expect(await other.feed.forward(id)).toBe(1_202);
    expect(sequences(await ledger.feed.read(FEED_START, 2_000)).at(-1)).toBe(1_203);
  });

  it("forwards a batch's events after Redis has lost its last ones, under other ids", async () => {
    const { ledger, namespace } = newLedger();
    const id = await accept(ledger);
    await tell(ledger, id, 3);
    const keys = batchLedgerKeys(namespace, id);
    const saved = await Promise.all(
      [keys.meta, keys.feed].map(async (key) => [key, await redis.dumpBuffer(key)] as const),
    );
    await ledger.control.pause(id, "for event 4");
    await ledger.control.resume(id);
    await ledger.feed.forward(id);
    const before = await ledger.feed.read(FEED_START, 100);
    expect(sequences(before)).toEqual([1, 2, 3, 4, 5]);
    // The batch's node loses two events, but the node of the deployment's feed does not.
    for (const [key, content] of saved) await redis.restore(key, 0, content, "REPLACE");
    const { atMs } = parseEventId(before.events[4]?.event.id.slice(id.length + 1) ?? "");
    const isLater = async (): Promise<boolean> => Number((await redis.time())[0]) * 1_000 > atMs;
    await until(isLater, { what: "a later second than that of the lost events" });
    await ledger.control.cancel(id, "wrong photos");
    await ledger.feed.forward(id);
    const after = await ledger.feed.read(before.next, 100);
    expect(eventsIn(after)).toMatchObject([{ sequence: 4, type: "batch.stopped" }]);
    const ids = eventsIn(await ledger.feed.read(FEED_START, 100)).map((event) => event.id);
    expect(new Set(ids).size).toBe(6);
    // A reader of the batch whose position is after the lost events.
    const [, , , , last] = before.events;
    const resumed = await ledger.feed.batches.read(id, last?.event.id.slice(id.length + 1) ?? "", 100);
    expect(resumed.gap).toBe("rewritten");
    expect(eventsIn(resumed)).toEqual(eventsIn(after));
  });

  it("happens before an ended batch leaves the active ones, and before it is deleted", async () => {
    const { ledger, namespace } = newLedger();
    const ended = await accept(ledger);
    await ledger.failBatch(ended, "no such bucket");
    await ledger.retire(ended);
    expect(eventsIn(await ledger.feed.read(FEED_START, 100)).at(-1)).toMatchObject({
      batch: ended,
      type: "batch.failed",
    });
    const deleted = await accept(ledger);
    await ledger.failBatch(deleted, "no such bucket");
    expect(await ledger.forget(deleted)).toBe(true);
    expect(eventsIn(await ledger.feed.read(FEED_START, 100)).at(-1)).toMatchObject({ batch: deleted });
    expect(await redis.hkeys(sharedKeys(namespace).feed.forwarded)).toEqual(expect.not.arrayContaining([deleted]));
    expect(await redis.exists(batchLedgerKeys(namespace, deleted).feed)).toBe(0);
  });
});

describe("a reader", () => {
  it("continues after any position, page by page", async () => {
    const { ledger } = newLedger();
    const id = await accept(ledger);
    await tell(ledger, id, 30);
    await ledger.feed.forward(id);
    for (const read of [
      (after: string) => ledger.feed.read(after, 7),
      (after: string) => ledger.feed.batches.read(id, after, 7),
    ]) {
      let after = FEED_START;
      const seen: number[] = [];
      for (;;) {
        const page = await read(after);
        expect(page.gap).toBeUndefined();
        if (page.events.length === 0) break;
        seen.push(...sequences(page));
        after = page.next;
      }
      expect(seen).toEqual(Array.from({ length: 30 }, (_, before) => before + 1));
    }
  });

  it("learns that events after its position were trimmed, and gets all kept ones", async () => {
    const { ledger, namespace } = newLedger();
    const id = await accept(ledger);
    await tell(ledger, id, 10);
    await ledger.feed.forward(id);
    const all = await ledger.feed.read(FEED_START, 100);
    const own = await ledger.feed.batches.read(id, FEED_START, 100);
    await redis.xtrim(sharedKeys(namespace).feed.entries, "MAXLEN", 4);
    await redis.xtrim(batchLedgerKeys(namespace, id).feed, "MAXLEN", 4);
    for (const [page, read] of [
      [all, (after: string) => ledger.feed.read(after, 100)],
      [own, (after: string) => ledger.feed.batches.read(id, after, 100)],
    ] as const) {
      const at = (sequence: number): string => page.events[sequence - 1]?.position ?? "";
      expect(await read(at(5))).toMatchObject({ gap: "trimmed", events: page.events.slice(6) });
      // The position itself was trimmed, but no later entry.
      expect(await read(at(6))).toEqual({ events: page.events.slice(6), next: at(10) });
      expect(await read(at(10))).toEqual({ events: [], next: at(10) });
    }
  });

  it("learns that Redis was emptied, and continues with the new events", async () => {
    const { ledger, namespace } = newLedger();
    const id = await accept(ledger);
    await tell(ledger, id, 5);
    await ledger.feed.forward(id);
    const { next } = await ledger.feed.read(FEED_START, 100);
    const own = await ledger.feed.batches.read(id, FEED_START, 100);
    const keys = batchLedgerKeys(namespace, id);
    const { entries, forwarded } = sharedKeys(namespace).feed;
    await redis.del(entries, forwarded);
    await redis.del(keys.feed, keys.meta);
    expect(await ledger.feed.read(next, 100)).toEqual({ events: [], next: FEED_START, gap: "rewritten" });
    const lost = { events: [], next: FEED_START, gap: "rewritten" };
    expect(await ledger.feed.batches.read(id, own.next, 100)).toEqual(lost);
    const spec = batchSpec({ id });
    await ledger.create(spec);
    await ledger.feed.forward(id);
    expect(await ledger.feed.read(next, 100)).toMatchObject({ events: [{ event: { sequence: 1 } }] });
    expect(await ledger.feed.batches.read(id, own.next, 100)).toMatchObject({
      gap: "rewritten",
      events: [{ event: { sequence: 1 } }],
    });
  });
});

it("a success runs no command for the feed, in any script of its run; a failure does", async () => {
  // A monitor of the shared Redis would see every other test's commands.
  await using server = await startRedis();
  const own = connectRedis({ url: server.url, name: "feed-test", onError: () => undefined });
  const ledger = new Ledger(own, shared);
  const id = await accept(ledger);
  const fence = await ledger.beginIngest(id);
  await ledger.countPart(id, { fence, part: 0, rows: 3, rejected: [], end: {} });
  const run = async (index: number, code: "ok" | "timeout"): Promise<number> => {
    const token = `t/${index}`;
    await ledger.claims.claim(id, index, token);
    await ledger.claims.writeReceipt(id, index, token, EMPTY_RECEIPT);
    await ledger.claims.settle(id, index, token, outcome(code));
    const { events } = await ledger.feed.batches.read(id, FEED_START, 100);
    return events.length;
  };
  // The first claim writes the event that the batch has started.
  await run(0, "ok");
  const monitor = await monitorOf(own);
  const commands: string[][] = [];
  monitor.on("monitor", (_time: string, args: string[], source: string) => {
    if (source === "lua" && args.some((arg) => arg.includes(id))) commands.push(args);
  });
  const isOfFeed = (args: readonly string[]): boolean => args.includes("event") || args[1]?.endsWith(":feed") === true;
  const told = await run(1, "ok");
  await until(() => commands.some((args) => args.includes(`n4`)), { what: "the settling in the monitor" });
  expect(commands.filter(isOfFeed)).toEqual([]);
  expect(await run(2, "timeout")).toBe(told + 1);
  await until(() => commands.some(isOfFeed), { what: "the failure in the monitor" });
  monitor.disconnect();
  await closeRedis(own);
  expect(commands.filter(isOfFeed).map(([command]) => command)).toEqual(["HMGET", "XADD", "HSET"]);
});

async function monitorOf(connection: RedisConnection) {
  if (connection instanceof Cluster) throw new Error("a cluster has no monitor");
  return await connection.monitor();
}
