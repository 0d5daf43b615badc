import { describe, expect, it } from "vitest";
import type { RecipeInput } from "@darkroom/core";
import type { FaultInput, FaultMatch, LedgerSnapshot, TwinOptions } from "@darkroom/twin";
import type { Engine } from "./engine.ts";
import { killAt, type Moment } from "./kill-at.ts";

/** How one provider's portraits are worked on, and what they may cost after a death. */
export interface Way {
  readonly provider: string;
  readonly recipe: RecipeInput;
  readonly env?: Readonly<Record<string, string>>;
  /** Paid calls of a portrait that nothing happens to. */
  readonly turns: number;
  /** It remembers nothing that could be asked for: whatever is sent is paid. */
  readonly forgetful?: boolean;
  readonly moments: readonly DeadlyMoment[];
}

export interface DeadlyMoment extends Moment {
  /** What had been paid when the worker died: it did die at that moment. */
  readonly paidBefore: number;
  /** Paid beside the turns. Defaults to none. */
  readonly paidAgain?: number;
  /** Calls that were intended, the one that ended it included. Defaults to 1. */
  readonly attempts?: number;
  /** What the report says. Defaults to `yes`. */
  readonly billed?: "yes" | "maybe";
}

/** A worker is killed at each moment of each way; another goes on, and the books are looked at. */
export function describeKilledWorkers(ways: readonly Way[]): void {
  describe.concurrent.each(ways)(
    "a worker of $provider that is killed",
    ({ recipe, env, turns, forgetful, moments }) => {
      it.each(moments)(
        "$when: delivered, and no turn is paid twice unless it is marked so",
        { timeout: 240_000 },
        async ({ paidBefore, paidAgain = 0, attempts = 1, billed = "yes", ...moment }) => {
          const { atDeath, ledger, record, line, delivered } = await killAt(moment, recipe, env);
          expect(atDeath.billed).toBe(paidBefore);
          expect(record).toMatchObject({ state: "completed", counts: { total: 1, succeeded: 1 } });
          expect(delivered).toBe(true);
          expect(ledger.billed).toBe(turns + paidAgain);
          expect(line).toMatchObject({ outcome: "ok", billed, attempts });
          if (paidAgain === 0) expect(ledger.doubleBilled).toEqual([]);
          if (forgetful === true) expect(callsOf(ledger)).toBe(turns + paidAgain);
        },
      );
    },
  );
}

const callsOf = ({ calls }: LedgerSnapshot): number => Object.values(calls).flat().length;

/** The call in which a worker dies, as the twin counts it. */
export type Asked = Required<Pick<FaultMatch, "call">> & Pick<FaultMatch, "portrait">;

function isIt(asked: Asked, portrait: string, call: number | null): boolean {
  return call === asked.call && portrait.includes(asked.portrait ?? "");
}

/** That call meets the fault. */
export function meets(asked: Asked, fault: FaultInput): TwinOptions {
  return { faults: [{ match: asked, fault }] };
}

/** That call takes its time. */
export function slowAt(asked: Asked): TwinOptions {
  return { latencyMs: ({ portrait, call }) => (isIt(asked, portrait, call) ? 4_000 : 50) };
}

type Reached = NonNullable<Moment["reached"]>;

/** The provider works on that call. */
export function worksOn(asked: Asked): Reached {
  return ({ twin }) =>
    twin.stats().openStreams === 1 &&
    Object.entries(twin.ledger().calls).some(([portrait, calls]) =>
      calls.some(({ call }) => isIt(asked, portrait, call)),
    );
}

export function hasBilled(count: number): Reached {
  return ({ twin }) => twin.ledger().billed === count;
}

/** A result whose download lasts. */
export const SLOW_DOWNLOAD: FaultInput = { kind: "slow_download", downloadMs: 3_000 };

/** A result is on its way to the worker. */
export function isDownloading({ twin }: Engine): boolean {
  const { openDownloads, openStreams } = twin.stats();
  return openDownloads === 1 && openStreams === 0;
}
