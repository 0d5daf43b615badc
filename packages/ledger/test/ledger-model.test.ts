import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import {
  EMPTY_RECEIPT,
  OUTCOMES,
  type OutcomeCode,
  PORTRAIT_STATES,
  type PortraitState,
  type WaitReason,
} from "@darkroom/core";
import { workerOfToken } from "../src/index.ts";
import { batchSpec, openLedger, outcome, WAIT } from "./open-ledger.ts";

/*
 * Compares random transitions, duplicates, takeovers, pauses and crashes with a simple model: one state and one claim
 * per portrait. After every step, the ledger's counts, bitfield and results must equal the model's.
 */

const PORTRAITS = 6;
const opened = openLedger();
const { ledger } = opened;
afterAll(async () => await opened.close());

const index = fc.integer({ min: 0, max: PORTRAITS - 1 });
const token = fc.constantFrom("a/1", "a/2", "b/1");
const code = fc.constantFrom<OutcomeCode>("ok", "already_delivered", "no_face", "cancelled_in_flight");

const action = fc.oneof(
  fc.record({ do: fc.constant("dispatch" as const), limit: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant("claim" as const), index, token, takeOver: fc.option(token, { nil: "" }) }),
  fc.record({
    do: fc.constant("leave" as const),
    index,
    token,
    to: fc.constantFrom("queued" as const, "retrying" as const),
    reason: fc.constantFrom<WaitReason>("storage", "rate_limit", "recall"),
    called: fc.boolean(),
  }),
  fc.record({ do: fc.constant("settle" as const), index, token, code }),
  fc.record({ do: fc.constant("lose" as const), index, dead: fc.boolean() }),
  fc.record({ do: fc.constant("say-again" as const), index, token }),
  fc.record({ do: fc.constantFrom("pause" as const, "resume" as const) }),
  fc.record({ do: fc.constant("cancel" as const) }),
  fc.record({ do: fc.constant("sweep" as const) }),
);

interface Model {
  readonly states: PortraitState[];
  readonly claims: Map<number, string>;
  /** Portraits whose receipt records a provider call. */
  readonly called: Set<number>;
  /** The recorded reason of a wait, until the portrait's next transition. */
  readonly waits: Map<number, WaitReason>;
  /** Deaths of workers per portrait. Deleted when the portrait ends. */
  readonly deaths: Map<number, number>;
  paused: boolean;
  cancelled: boolean;
}

const TERMINAL = new Set<PortraitState>(["succeeded", "skipped", "failed", "cancelled"]);

function die({ deaths }: Model, at: number): void {
  deaths.set(at, (deaths.get(at) ?? 0) + 1);
}

function claimInModel(model: Model, at: number, by: string, takeOver: string): string {
  const state = model.states[at] ?? "pending";
  if (TERMINAL.has(state)) return "done";
  const holder = state === "running" ? model.claims.get(at) : undefined;
  if (holder !== undefined && holder !== by && holder !== takeOver) return "held";
  if (holder !== undefined && workerOfToken(holder) !== workerOfToken(by)) die(model, at);
  // A takeover from a dead worker follows the same rules as a dispatch.
  if (model.paused && holder !== by) {
    model.states[at] = "pending";
    model.claims.delete(at);
    return "parked";
  }
  model.states[at] = "running";
  model.claims.set(at, by);
  return "claimed";
}

function reclaimInModel(model: Model, at: number, by: string): boolean {
  const state = model.states[at] ?? "pending";
  if (TERMINAL.has(state)) return false;
  if (state === "running") return model.claims.get(at) === by;
  model.states[at] = "running";
  model.claims.set(at, by);
  model.called.add(at);
  return true;
}

function settleInModel(model: Model, at: number, by: string, as: OutcomeCode): string {
  const state = model.states[at] ?? "pending";
  if (TERMINAL.has(state)) return "duplicate";
  if (state !== "running" || model.claims.get(at) !== by) return "stale";
  model.claims.delete(at);
  model.called.delete(at);
  model.states[at] = OUTCOMES[as].state;
  return "applied";
}

it("agrees with the model after every step of any history", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 40 }), async (history) => {
      const spec = batchSpec();
      await ledger.create(spec, { breaker: false });
      const fence = await ledger.beginIngest(spec.id);
      await ledger.countPart(spec.id, { fence, part: 0, rows: PORTRAITS, rejected: [], end: {} });
      const model: Model = {
        states: Array.from({ length: PORTRAITS }, () => "pending" as const),
        claims: new Map(),
        called: new Set(),
        waits: new Map(),
        deaths: new Map(),
        paused: false,
        cancelled: false,
      };
      let settled = 0;
      for (const step of history) {
        const before = [...model.states];
        let noted: readonly [number, WaitReason] | undefined;
        switch (step.do) {
          case "dispatch": {
            const window = await ledger.backlog.peekPending(spec.id, step.limit);
            const open = !model.paused && !model.cancelled;
            const pending = model.states.flatMap((state, at) => (state === "pending" ? [at] : []));
            expect(window?.indexes ?? []).toEqual(open ? pending.slice(0, step.limit) : []);
            if (window !== undefined) await ledger.backlog.markQueued(spec.id, window);
            for (const at of window?.indexes ?? []) model.states[at] = "queued";
            break;
          }
          case "claim": {
            const answer = await ledger.claims.claim(spec.id, step.index, step.token, { takeOver: step.takeOver });
            expect(answer.kind).toBe(claimInModel(model, step.index, step.token, step.takeOver));
            if (answer.kind === "held") noted = [step.index, "claim_held"];
            else model.waits.delete(step.index);
            break;
          }
          case "leave": {
            const held = model.states[step.index] === "running" && model.claims.get(step.index) === step.token;
            const receipt = step.called ? { ...EMPTY_RECEIPT, firstIntentAt: 1 } : undefined;
            const left = await ledger.claims.leave(spec.id, step.index, step.token, {
              state: step.to,
              wait: { ...WAIT, reason: step.reason },
              receipt,
            });
            expect(left !== undefined).toBe(held);
            if (held) {
              noted = [step.index, step.reason];
              if (step.called) model.called.add(step.index);
              model.claims.delete(step.index);
              model.states[step.index] = step.to;
            }
            break;
          }
          case "settle": {
            const answer = await ledger.claims.settle(spec.id, step.index, step.token, outcome(step.code));
            const expected = settleInModel(model, step.index, step.token, step.code);
            expect(answer.kind).toBe(expected);
            if (expected === "applied") settled += 1;
            break;
          }
          case "lose": {
            const state = model.states[step.index];
            const inFlight = state === "queued" || state === "running" || state === "retrying";
            const lost = new Map([[step.index, model.claims.get(step.index) ?? ""]]);
            const moved = await ledger.backlog.requeueLost(spec.id, lost, "cancelled", step.dead ? "dead" : "alive");
            expect(moved).toBe(inFlight ? 1 : 0);
            if (inFlight) {
              model.waits.delete(step.index);
              if (step.dead && state === "running") die(model, step.index);
              const waits = model.called.has(step.index);
              model.states[step.index] = !model.cancelled ? "pending" : waits ? "queued" : "cancelled";
              model.claims.delete(step.index);
              if (model.cancelled && !waits) settled += 1;
            }
            break;
          }
          case "say-again": {
            const receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1 };
            const { fence = 0 } = (await ledger.read(spec.id)) ?? {};
            const answer = await ledger.claims.reclaim(spec.id, step.index, { token: step.token, fence }, receipt);
            expect(answer.kind === "held").toBe(reclaimInModel(model, step.index, step.token));
            break;
          }
          case "pause":
            await ledger.control.pause(spec.id, "");
            if (!model.cancelled) model.paused = true;
            break;
          case "resume":
            await ledger.control.resume(spec.id);
            model.paused = false;
            break;
          case "sweep": {
            const waiting = model.states.flatMap((state, at) =>
              state === "queued" || state === "retrying" ? [at] : [],
            );
            const seen = await ledger.stopped.seen({ spec, endsRunning: true }, waiting);
            expect(seen.map((portrait) => portrait.index)).toEqual(waiting.filter((at) => model.called.has(at)));
            expect(await ledger.stopped.end(spec.id, seen, "cancelled")).toBe(model.cancelled ? seen.length : 0);
            if (!model.cancelled) break;
            for (const portrait of seen) {
              model.states[portrait.index] = "cancelled";
              model.called.delete(portrait.index);
            }
            settled += seen.length;
            break;
          }
          case "cancel":
            await ledger.control.cancel(spec.id, "");
            // Called portraits wait for the sweep.
            if (!model.cancelled)
              model.states.forEach((state, at) => {
                if (state === "pending" && model.called.has(at)) model.states[at] = "queued";
              });
            model.cancelled = true;
            model.paused = false;
            break;
        }
        if (model.cancelled)
          model.states.forEach((state, at) => state === "pending" && (model.states[at] = "cancelled"));
        model.states.forEach((state, at) => state !== before[at] && model.waits.delete(at));
        if (noted !== undefined) model.waits.set(...noted);
        for (const [at, state] of model.states.entries()) {
          // Cancelling a batch writes one field, and nothing per waiting portrait.
          if (TERMINAL.has(state)) model.deaths.delete(at);
          else expect((await ledger.deaths(spec.id, at)).all).toBe(model.deaths.get(at) ?? 0);
        }
        const record = await ledger.read(spec.id);
        const reasons = Map.groupBy(model.waits.values(), (reason) => reason);
        const counted = await ledger.waits.count(spec.id);
        expect(new Map(counted.map(({ reason, count }) => [reason, count]))).toEqual(
          new Map([...reasons].map(([reason, { length }]) => [reason, length])),
        );
        for (const state of PORTRAIT_STATES) {
          expect(record?.counts[state], state).toBe(model.states.filter((of) => of === state).length);
        }
        const bits = await ledger.states(spec.id, 0, PORTRAITS);
        expect(bits.map((state) => (state === "pending" && model.cancelled ? "cancelled" : state))).toEqual(
          model.states,
        );
      }
      expect((await ledger.undrainedOutcomes(spec.id, 100)).length).toBe(settled);
    }),
    { numRuns: 150 },
  );
});
