import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { resolveRecipe, REVIEW_STATES, type ReviewState } from "@darkroom/core";
import { batchLedgerKeys, FEED_START } from "../src/index.ts";
import { batchSpec, openLedger, outcome } from "./open-ledger.ts";

const PORTRAITS = 3;

const { ledger, redis, namespace, close } = openLedger();
afterAll(close);

async function batchWithResults(): Promise<string> {
  const spec = batchSpec();
  await ledger.create(spec);
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows: PORTRAITS, rejected: [], end: {} });
  for (let index = 0; index < PORTRAITS; index++) {
    await ledger.claims.claim(spec.id, index, `t/${index}`);
    await ledger.claims.settle(spec.id, index, `t/${index}`, outcome("ok"));
  }
  return spec.id;
}

async function changesOf(id: string, indexes: readonly number[], to: ReviewState) {
  const standings = await ledger.reviews.standings(id, indexes);
  return indexes.map((index, place) => {
    const from = standings[place];
    if (from === undefined) throw new Error(`no standing of portrait ${index}`);
    return { result: { index, mark: "m" }, from, to };
  });
}

async function decide(id: string, indexes: readonly number[], to: ReviewState, note: string) {
  const changes = await changesOf(id, indexes, to);
  return await ledger.reviews.record(id, { at: 1, by: "k", order: "approve", note }, changes);
}

it("counts each review state as often as portraits have it, after any sequence of changes", async () => {
  const order = fc.record({
    indexes: fc.uniqueArray(fc.nat(PORTRAITS - 1), { minLength: 1 }),
    to: fc.constantFrom(...REVIEW_STATES),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(order, { minLength: 1, maxLength: 6 }), async (orders) => {
      const id = await batchWithResults();
      for (const [place, { indexes, to }] of orders.entries()) {
        expect(await decide(id, indexes, to, `note ${place}`)).toEqual({ kind: "recorded", number: place + 1 });
      }
      const states = (await ledger.reviews.range(id, 0, PORTRAITS)).map(({ state }) => state);
      const count = (state: ReviewState) => states.filter((other) => other === state).length;
      const expected = { revision: orders.length, approved: count("approved"), rejected: count("rejected") };
      expect((await ledger.read(id))?.review).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

it("a recount finds wrong counts of decisions and corrects them from the portraits", async () => {
  const id = await batchWithResults();
  await decide(id, [0, 2], "approved", "good");
  await decide(id, [1], "rejected", "too dark");
  expect(await ledger.recount(id, false)).toEqual([]);
  const { meta } = batchLedgerKeys(namespace, id);
  await redis.hset(meta, { reviewApproved: -2, reviewRejected: 4 });
  expect(await ledger.recount(id, false)).toEqual([9]);
  expect(await ledger.recount(id, true)).toEqual([9]);
  expect(await ledger.recount(id, false)).toEqual([]);
  expect((await ledger.read(id))?.review).toEqual({ revision: 2, approved: 2, rejected: 1 });
});

describe("a round that a user orders for results", () => {
  const recipe = resolveRecipe({ preset: "skin-smoothing", mode: "eco" });
  const round = { at: 1, codes: ["ok" as const], recipe, portraits: "0" };
  const line = { at: 1, by: "k", order: "redo", note: "warmer" } as const;

  async function approvedBatch(): Promise<string> {
    const id = await batchWithResults();
    await decide(id, [0, 1], "approved", "good");
    return id;
  }

  /** State that a refused order must not change. */
  async function view(id: string) {
    const { review, rounds } = (await ledger.read(id)) ?? {};
    const { events } = await ledger.feed.batches.read(id, FEED_START, 100);
    return { review, rounds, standings: await ledger.reviews.range(id, 0, PORTRAITS), events };
  }

  it("ends their decisions and begins with them, once for the same order", async () => {
    const id = await approvedBatch();
    const review = { line, changes: await changesOf(id, [0], "undecided") };
    const order = { id: "o-1", says: "redo" };
    for (const _ of ["sent", "sent again"]) {
      expect(await ledger.control.beginRound(id, round, { review, order })).toEqual({ kind: "begun", number: 1 });
    }
    expect((await view(id)).review).toEqual({ revision: 2, approved: 1, rejected: 0 });
    expect(await ledger.reviews.lines(id, [2])).toEqual(
      new Map([[2, { ...line, number: 2, results: [{ index: 0, mark: "m" }] }]]),
    );
    expect((await view(id)).events.map(({ event }) => event.type).slice(-2)).toEqual([
      "batch.reviewed",
      "batch.round_opened",
    ]);
  });

  it("changes nothing if the round is refused", async () => {
    const id = await approvedBatch();
    await ledger.control.beginRound(id, { ...round, portraits: "2" });
    const before = await view(id);
    const review = { line, changes: await changesOf(id, [0, 1], "undecided") };
    expect(await ledger.control.beginRound(id, round, { review })).toEqual({ kind: "busy" });
    expect(await view(id)).toEqual(before);
  });

  it("changes nothing if other users have decided in the meantime, and may be ordered again", async () => {
    const id = await approvedBatch();
    const outdated = { line, changes: await changesOf(id, [0, 1], "undecided") };
    await decide(id, [1], "rejected", "too dark");
    const before = await view(id);
    const order = { id: "o-1", says: "redo" };
    expect(await ledger.control.beginRound(id, round, { review: outdated, order })).toEqual({ kind: "changed" });
    expect(await view(id)).toEqual(before);
    const review = { line, changes: await changesOf(id, [0, 1], "undecided") };
    expect(await ledger.control.beginRound(id, round, { review, order })).toEqual({ kind: "begun", number: 1 });
  });
});
