import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import {
  callOf,
  EMPTY_RECEIPT,
  MICRO,
  type Receipt,
  intended,
  intendedCall,
  mayBePaid,
  outcomeOf,
  presentCalls,
  withAuthorization,
  withCall,
  withGivenUp,
  withOutput,
  withUnclear,
  withoutAuthorization,
} from "@darkroom/core";
import { BatchRestore } from "../src/index.ts";
import { batchSpec, openLedger, WAIT } from "./open-ledger.ts";

/*
 * The budget holds for any costs of rows and any sequence of call results, worker deaths and user decisions: the bills
 * never exceed the highest value of the budget. A paused batch reports the missing amount, and continues once it has
 * that amount.
 */

const opened = openLedger();
const { ledger, redis, namespace } = opened;
afterAll(async () => await opened.close());

/** Fates of a call. `crash`: the call is billed, and its worker dies before it can write anything. */
const FATES = ["paid", "paid", "free", "unclear", "lost", "crash", "fails"] as const;
type Fate = (typeof FATES)[number];

const prices = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 });
const DEAREST_MICRO_USD = 3 * 40 * 10_000;
const action = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("dispatch" as const), limit: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("go" as const),
      index: fc.nat({ max: 5 }),
      fate: fc.constantFrom(...FATES),
      isBilled: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resume" as const), cents: fc.integer({ min: 1, max: 150 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pause" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("keep-limits" as const) }) },
);

const total = (cents: readonly number[]): number => cents.reduce((sum, each) => sum + each, 0);
const usdOf = (cents: readonly number[]): readonly number[] => cents.map((each) => each / 100);
const ORDERED = {
  round: 0,
  remembers: false,
  fingerprint: "f",
  order: { identity: "ana", photo: { etag: "a", sizeBytes: 1 } },
};

/** A provider and the workers of one batch, reduced to the parts that affect a budget. */
class Drill {
  readonly #id: string;
  readonly #rows: readonly (readonly number[])[];
  /** Running portraits, each with the receipt that its worker has. */
  readonly #runs = new Map<number, { readonly token: string; receipt: Receipt }>();
  #tokens = 0;
  /** Number of portraits found, or recalled without a result. */
  recalls = 0;
  /** Index → number of steps that were billed before all of Redis was lost, as remembered by the provider. */
  readonly #memory: Map<number, number>;
  billedCents: number;
  maxCents: number;
  mostCents: number;

  constructor(id: string, rows: readonly (readonly number[])[], cents: number, memory = new Map<number, number>()) {
    this.#id = id;
    this.#memory = memory;
    this.billedCents = [...memory].reduce((sum, [index, steps]) => sum + total((rows[index] ?? []).slice(0, steps)), 0);
    this.#rows = rows;
    this.maxCents = cents;
    this.mostCents = cents;
  }

  async dispatch(limit: number): Promise<number> {
    const window = await ledger.backlog.peekPending(this.#id, limit);
    return window === undefined ? 0 : await ledger.backlog.markQueued(this.#id, window);
  }

  /**
   * Advances one portrait by one call, or to its end.
   *
   * @returns true if anything changed
   */
  async go(index: number, fate: Fate, isBilled: boolean): Promise<boolean> {
    if (index >= this.#rows.length) return false;
    const run = this.#runs.get(index) ?? (await this.#claim(index));
    if (run === undefined) return false;
    const steps = this.#rows[index] ?? [];
    const { token } = run;
    // The last worker's request stays unknown, because the provider has no memory.
    const open = run.receipt.calls.find(mayBePaid);
    if (open !== undefined) run.receipt = withGivenUp(run.receipt, open.step);
    const present = presentCalls(run.receipt);
    const step = present.find(({ outputs }) => outputs === undefined)?.step ?? present.length;
    const price = steps[step];
    if (price === undefined) {
      this.#runs.delete(index);
      return (await ledger.claims.settle(this.#id, index, token, outcomeOf(run.receipt, "ok", ""))).kind === "applied";
    }
    const before = run.receipt;
    const stepPricesUsd = usdOf(steps);
    const sent = intended(before, { ...ORDERED, stepPricesUsd }, step, 1);
    const receipt = withAuthorization(sent, stepPricesUsd) ?? sent;
    const answer = await ledger.money.authorize(this.#id, index, token, { receipt, before });
    if (answer.kind !== "authorized") {
      this.#runs.delete(index);
      if (answer.kind === "refused") {
        const kept = answer.voids ? withoutAuthorization(before) : before;
        await ledger.money.leaveUnfunded(this.#id, index, token, kept);
      }
      return false;
    }
    if (fate !== "free" && (isBilled || fate !== "unclear")) this.billedCents += price;
    await this.#end(index, token, receipt, { step, fate });
    return true;
  }

  async #claim(index: number): Promise<{ readonly token: string; receipt: Receipt } | undefined> {
    const token = `w/${(this.#tokens += 1)}`;
    const answer = await ledger.claims.claim(this.#id, index, token);
    if (answer.kind !== "claimed") return undefined;
    const { asksOnly, recoveredAt } = answer;
    const isAskedFor = recoveredAt > 0 && answer.receipt.firstIntentAt === undefined;
    const found = isAskedFor ? await this.#found(index, token) : undefined;
    if (found !== undefined || (isAskedFor && asksOnly)) this.recalls += 1;
    if (asksOnly && isAskedFor && found === undefined) {
      await ledger.money.leaveRecalled(this.#id, index, token);
      return undefined;
    }
    if (asksOnly) {
      await ledger.claims.leave(this.#id, index, token, { state: "retrying", wait: WAIT });
      return undefined;
    }
    const run = { token, receipt: found ?? answer.receipt };
    this.#runs.set(index, run);
    return run;
  }

  /** Returns a receipt with the calls that the provider remembers, whose price the budget has held until now. */
  async #found(index: number, token: string): Promise<Receipt | undefined> {
    const count = this.#memory.get(index);
    if (count === undefined) return undefined;
    this.#memory.delete(index);
    const steps = this.#rows[index] ?? [];
    const sent = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: steps.length };
    let receipt: Receipt = withAuthorization(sent, usdOf(steps)) ?? sent;
    for (let step = 0; step < count; step += 1) {
      const sent = withCall(receipt, intendedCall({ stepPricesUsd: usdOf(steps) }, step, 0, 1));
      receipt = withOutput(sent, step, { url: "https://cdn.test/a" }, 2);
      await ledger.claims.writeReceipt(this.#id, index, token, receipt);
    }
    return receipt;
  }

  async #end(
    index: number,
    token: string,
    receipt: Receipt,
    { step, fate }: { readonly step: number; readonly fate: Fate },
  ): Promise<void> {
    const shown = withOutput(receipt, step, { url: "https://cdn.test/a" }, 2);
    const leave = async (kept: Receipt): Promise<void> => {
      this.#runs.delete(index);
      await ledger.claims.leave(this.#id, index, token, { state: "retrying", wait: WAIT, receipt: kept });
    };
    switch (fate) {
      case "paid":
        await ledger.claims.writeReceipt(this.#id, index, token, shown);
        this.#runs.set(index, { token, receipt: shown });
        return;
      case "free":
        return await leave(withCall(receipt, { ...callOf(receipt, step)!, status: "unpaid" }));
      case "unclear":
        return await leave(withUnclear(receipt, step));
      case "lost":
        return await leave(withGivenUp(shown, 0));
      case "crash":
        this.#runs.delete(index);
        await ledger.backlog.requeueLost(this.#id, new Map([[index, token]]), "cancelled", "dead");
        return;
      case "fails":
        this.#runs.delete(index);
        await ledger.claims.settle(
          this.#id,
          index,
          token,
          outcomeOf(withUnclear(receipt, step), "timeout", "", "maybe"),
        );
    }
  }

  async setBudget(cents: number): Promise<void> {
    const { budgetFull, kind } = await ledger.control.resume(this.#id, cents * 10_000);
    if (budgetFull || kind !== "done") return;
    this.maxCents = cents;
    this.mostCents = Math.max(this.mostCents, cents);
  }
}

/** Bills and authorizations never exceed the budget, and the states still add up. */
async function checkBudget(id: string, { billedCents, mostCents }: Drill): Promise<void> {
  expect(billedCents).toBeLessThanOrEqual(mostCents);
  const record = await ledger.read(id);
  if (record === undefined) throw new Error("the batch is gone");
  const { costUsd, lostUsd, maybeUsd, authorizedUsd, toRecall } = record;
  const committed = Math.round((costUsd + lostUsd + maybeUsd + authorizedUsd) * MICRO);
  expect(committed + toRecall * DEAREST_MICRO_USD).toBeGreaterThanOrEqual(billedCents * 10_000);
  expect(committed).toBeLessThanOrEqual(mostCents * 10_000);
  expect(await ledger.recount(id, false)).toEqual([]);
}

/** Creates a batch that was just accepted. */
async function accepted(cents: number, rows: number): Promise<string> {
  const spec = batchSpec({ control: { maxCostUsd: cents / 100 } });
  await ledger.create(spec, { breaker: false });
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows, rejected: [], end: {} });
  return spec.id;
}

/** Creates a batch that was rebuilt after all of Redis was lost. */
async function rebuilt(cents: number, rows: number): Promise<string> {
  const control = { maxCostUsd: cents / 100 };
  const spec = batchSpec({ control });
  const restore = new BatchRestore(redis, namespace, spec.id);
  await restore.add(
    0,
    Array.from({ length: rows }, () => "pending"),
    [],
  );
  await restore.finish({
    spec,
    limits: { breaker: false },
    control,
    state: "running",
    parts: 1,
    total: rows,
    ingested: true,
    kinds: {},
    days: [],
    maybeBilled: 0,
    reportParts: 0,
    toRecallUsd: DEAREST_MICRO_USD / MICRO,
    fields: { recoveries: 1 },
  });
  return spec.id;
}

/** Returns portrait → number of called steps, for the portraits whose full price the budget had held. */
function inFlight(rows: readonly (readonly number[])[], cents: number, steps: readonly number[]): Map<number, number> {
  let left = cents;
  const memory = new Map<number, number>();
  for (const [index, row] of rows.entries()) {
    const count = Math.min(steps[index] ?? 0, row.length);
    if (count === 0 || total(row) > left) continue;
    left -= total(row);
    memory.set(index, count);
  }
  return memory;
}

it("is never exceeded, and a batch paused by it continues with the reported amount", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(prices, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 10, max: 150 }),
      fc.array(action, { maxLength: 60 }),
      fc.option(fc.array(fc.nat({ max: 3 }), { minLength: 6, maxLength: 6 }), { nil: undefined }),
      async (rows, cents, history, lost) => {
        const id = await (lost === undefined ? accepted : rebuilt)(cents, rows.length);
        const drill = new Drill(id, rows, cents, lost === undefined ? undefined : inFlight(rows, cents, lost));
        for (const step of history) {
          if (step.do === "dispatch") await drill.dispatch(step.limit);
          if (step.do === "go") await drill.go(step.index, step.fate, step.isBilled);
          if (step.do === "resume") await drill.setBudget(step.cents);
          if (step.do === "pause") await ledger.control.pause(id, "lunch");
          if (step.do === "keep-limits") await ledger.control.pauseAtBudget(id);
          await checkBudget(id, drill);
        }
        // From now on every call succeeds. The batch ends, or reports the missing amount and continues once it has that
        // amount. It never loops.
        const isOpen = async (): Promise<boolean> => (await ledger.beginFinish(id)) === undefined;
        if ((await ledger.read(id))?.pausedBy === "person") await ledger.control.resume(id);
        for (let turns = 0; await isOpen(); turns += 1) {
          expect(turns).toBeLessThan(200);
          const { recalls } = drill;
          let moved = await drill.dispatch(2);
          for (const index of rows.keys()) if (await drill.go(index, "paid", true)) moved += 1;
          moved += drill.recalls - recalls;
          await checkBudget(id, drill);
          if (moved > 0 || !(await isOpen())) continue;
          await ledger.control.pauseAtBudget(id);
          const record = await ledger.read(id);
          if (record?.state !== "paused") {
            // The refusal of a portrait released its amount, so another one may start, even if a third was refused
            // since. Or the refused portrait must be recalled.
            const next = await ledger.backlog.peekPending(id, 1);
            const isFull = record?.toRecall === 0 && record.budgetNeedsUsd !== undefined;
            expect(isFull && next === undefined).toBe(false);
            continue;
          }
          const missing = Number(/ takes (\d+\.\d+) USD more;/.exec(record.reason ?? "")?.[1]);
          expect(missing, record.reason).toBeGreaterThan(0);
          await drill.setBudget(drill.maxCents + Math.round(missing * 100));
          const before = drill.billedCents;
          for (let tries = 0; tries < 3; tries += 1) {
            await drill.dispatch(6);
            for (const index of rows.keys()) await drill.go(index, "paid", true);
          }
          expect(drill.billedCents, record.reason).toBeGreaterThan(before);
        }
        const { costUsd = 0, lostUsd = 0, maybeUsd = 0, authorizedUsd } = (await ledger.read(id)) ?? {};
        expect(authorizedUsd).toBe(0);
        const billed = drill.billedCents * 10_000;
        expect(billed).toBeGreaterThanOrEqual(Math.round((costUsd + lostUsd) * MICRO));
        expect(billed).toBeLessThanOrEqual(Math.round((costUsd + lostUsd + maybeUsd) * MICRO));
      },
    ),
    {
      numRuns: 200,
      examples: [
        // The first portrait is refused within its budget. The recall of the second portrait then exceeds the lowered
        // budget, so that the next refusal voids the first one's authorization, and the first portrait lacks more than
        // before.
        [
          [[1, 1, 1], [1]],
          10,
          [
            { do: "resume", cents: 3 },
            { do: "go", index: 0, fate: "unclear", isBilled: false },
          ],
          [1, 1, 0, 0, 0, 0],
        ],
        // The refusal of the third portrait releases the amount that the first one lacks, and then the fourth portrait
        // is refused.
        [
          [[1], [1], [1, 2], [2], [26, 2, 1]],
          58,
          [
            { do: "go", index: 4, fate: "crash", isBilled: false },
            { do: "go", index: 4, fate: "lost", isBilled: false },
            { do: "go", index: 2, fate: "paid", isBilled: false },
            { do: "resume", cents: 57 },
            { do: "dispatch", limit: 3 },
          ],
          undefined,
        ],
      ],
    },
  );
});

it("holds nothing for a portrait without a call", async () => {
  const spec = batchSpec({ control: { maxCostUsd: 0.1 } });
  await ledger.create(spec);
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows: 3, rejected: [], end: {} });
  for (const index of [0, 1, 2]) expect((await ledger.claims.claim(spec.id, index, `w/${index}`)).kind).toBe("claimed");
  await ledger.claims.leave(spec.id, 0, "w/0", { state: "retrying", wait: WAIT, receipt: EMPTY_RECEIPT });
  expect(await ledger.read(spec.id)).toMatchObject({ authorizedUsd: 0, budgetNeedsUsd: undefined });
});
