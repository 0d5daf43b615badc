import { describe, expect, it } from "vitest";
import type { RecipeInput } from "@darkroom/core";
import type { FaultInput, FaultMatch, LedgerSnapshot, TwinOptions } from "@darkroom/twin";
import type { Engine } from "./engine.ts";
import { killAt, type Moment } from "./kill-at.ts";

/** How portraits of one provider are processed, and their maximum cost after a death. */
export interface Way {
  readonly provider: string;
  readonly recipe: RecipeInput;
  readonly env?: Readonly<Record<string, string>>;
  /** Number of paid calls of an undisturbed portrait. */
  readonly turns: number;
  /** Orders another result with this note first. The workers are killed in that round. */
  readonly redo?: string;
  /** True if the provider has no memory, so that every sent call is paid. */
  readonly forgetful?: boolean;
  readonly moments: readonly DeadlyMoment[];
}

export interface DeadlyMoment extends Moment {
  /** Amount paid when the worker died, which proves that it died at that moment. */
  readonly paidBefore: number;
  /** Calls paid in addition to the turns. Defaults to none. */
  readonly paidAgain?: number;
  /** Number of intended calls, including the last one. Defaults to 1. */
  readonly attempts?: number;
  /** The report's billing. Defaults to `yes`. */
  readonly billed?: "yes" | "maybe";
}

/** Kills a worker at each moment of each path. Another worker continues, and the books are checked. */
export function describeKilledWorkers(ways: readonly Way[]): void {
  describe.concurrent.each(ways)(
    "a worker of $provider that is killed",
    ({ recipe, env, turns, redo, forgetful, moments }) => {
      it.each(moments)(
        "$when: delivered, and no turn is paid twice unless it is marked so",
        { timeout: 240_000 },
        async ({ paidBefore, paidAgain = 0, attempts = 1, billed = "yes", ...moment }) => {
          const { atDeath, ledger, record, line, delivered } = await killAt(
            redo === undefined ? moment : { ...moment, redo },
            recipe,
            env,
          );
          expect(atDeath.billed).toBe(paidBefore);
          expect(record).toMatchObject({ state: "completed", counts: { total: 1, succeeded: 1 } });
          expect(delivered).toBe(true);
          expect(ledger.billed).toBe(turns + paidAgain);
          expect(line).toMatchObject({ outcome: "ok", billed, attempts });
          if (paidAgain === 0 && redo === undefined) expect(ledger.doubleBilled).toEqual([]);
          if (forgetful === true) expect(callsOf(ledger)).toBe(turns + paidAgain);
        },
      );
    },
  );
}

const callsOf = ({ calls }: LedgerSnapshot): number => Object.values(calls).flat().length;

/** The call in which a worker dies, as numbered by the simulator. */
export type Asked = Required<Pick<FaultMatch, "call">> & Pick<FaultMatch, "portrait">;

function isIt(asked: Asked, portrait: string, call: number | null): boolean {
  return call === asked.call && portrait.includes(asked.portrait ?? "");
}

/** Gives the fault to that call. */
export function meets(asked: Asked, fault: FaultInput): TwinOptions {
  return { faults: [{ match: asked, fault }] };
}

/** Makes that call slow. */
export function slowAt(asked: Asked): TwinOptions {
  return { latencyMs: ({ portrait, call }) => (isIt(asked, portrait, call) ? 4_000 : 50) };
}

type Reached = NonNullable<Moment["reached"]>;

/** True while the provider is processing that call. */
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

/** A result with a slow download. */
export const SLOW_DOWNLOAD: FaultInput = { kind: "slow_download", downloadMs: 3_000 };

/** True while the worker is downloading a result. */
export function isDownloading({ twin }: Engine): boolean {
  const { openDownloads, openStreams } = twin.stats();
  return openDownloads === 1 && openStreams === 0;
}
