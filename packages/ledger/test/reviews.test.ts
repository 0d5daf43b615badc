import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { REVIEW_STATES, type ReviewState } from "@darkroom/core";
import { batchSpec, openLedger, outcome } from "./open-ledger.ts";

const PORTRAITS = 3;

const { ledger, close } = openLedger();
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

async function decide(id: string, indexes: readonly number[], to: ReviewState, note: string) {
  const standings = await ledger.reviews.standings(id, indexes);
  const changes = indexes.map((index, place) => {
    const from = standings[place];
    if (from === undefined) throw new Error(`no standing of portrait ${index}`);
    return { result: { index, mark: "m" }, from, to };
  });
  return await ledger.reviews.record(id, { at: 1, by: "k", order: "approve", note }, changes);
}

it("counts each review state as often as the portraits have it, whatever follows whatever", async () => {
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
