import { expect, test } from "vitest";
import type { FeedEvent } from "@darkroom/core";
import { FEED_START, type FeedPage } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { FeedCursor } from "./feed-cursor.ts";

function event(sequence: number): FeedEvent {
  const id = `batch.${sequence}-1`;
  return {
    id,
    batch: "batch",
    tenant: "default",
    sequence,
    at: "2026-11-21T10:00:00.000Z",
    type: "batch.started",
    state: "running",
    data: {},
  };
}

/** Creates a feed of this many events, and a reader that takes one event per `take`. */
function start(count: number) {
  const feed = { count, reads: 0 };
  const read = async (after: string, limit: number): Promise<FeedPage> => {
    feed.reads += 1;
    const first = Number(after.split("-")[0]) + 1;
    const length = Math.max(0, Math.min(limit, feed.count - first + 1));
    const events = Array.from({ length }, (_, place) => ({
      position: `${first + place}-1`,
      event: event(first + place),
    }));
    return { events, next: events.at(-1)?.position ?? after };
  };
  const sent: (string | undefined)[] = [];
  let isOpen = true;
  let room: (() => void) | undefined;
  const stream = {
    place: () => undefined,
    deliver: async (id: string | undefined): Promise<boolean> => {
      await new Promise<void>((resolve) => (room = resolve));
      if (isOpen) sent.push(id);
      return isOpen;
    },
  };
  const take = async (): Promise<void> => {
    await until(() => room !== undefined, { what: "an event", everyMs: 1 });
    const next = room;
    room = undefined;
    next?.();
  };
  return { feed, sent, take, cursor: new FeedCursor(stream, read, FEED_START), leave: () => void (isOpen = false) };
}

test("reads the next page only after a slow reader has taken the last one", async () => {
  const { feed, sent, take, cursor } = start(201);
  const all = cursor.pump();
  for (let taken = 0; taken < 200; taken += 1) {
    expect(feed.reads).toBe(1);
    await take();
  }
  await take();
  await all;
  expect(sent).toEqual(Array.from({ length: 201 }, (_, before) => `${before + 1}-1`));
  expect(feed.reads).toBe(2);
});

test("sends events that arrive during a send, and a call waits for them", async () => {
  const { feed, sent, take, cursor } = start(1);
  const first = cursor.pump();
  feed.count = 2;
  const second = cursor.pump();
  await take();
  await take();
  await Promise.all([first, second]);
  expect(sent).toEqual(["1-1", "2-1"]);
});

test("stops reading when its reader has disconnected", async () => {
  const { feed, sent, take, cursor, leave } = start(500);
  const all = cursor.pump();
  leave();
  await take();
  await all;
  expect(sent).toEqual([]);
  expect(feed.reads).toBe(1);
});
