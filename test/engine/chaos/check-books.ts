import type { LedgerSnapshot } from "@darkroom/twin";
import type { ReportLine } from "../kit/engine.ts";

/** Refusals that no retry overcomes, which the run requests from the simulator. */
export const UNFIXABLE = ["content_policy", "no_face"] as const;

export interface Books {
  readonly bills: number;
  /** Portraits whose line says `maybe`, with the number of bills and the history of their calls. */
  readonly maybe: readonly string[];
  /** Number of portraits that the provider billed for more than their steps. */
  readonly maybeBilledTwice: number;
  readonly findings: readonly string[];
}

/**
 * Compares the report with the provider's own records (P3): each line's billing must be right, and nothing billed
 * twice.
 *
 * @param steps number of steps of the recipe, each with one bill
 * @param forgetful the provider loses answers that it has billed, so that a line that says `maybe` may have been billed
 *   twice
 */
export function checkBooks(
  lines: readonly ReportLine[],
  ledger: LedgerSnapshot,
  steps: number,
  forgetful: boolean,
): Books {
  const findings: string[] = [];
  const nameOf = (path: string): string => path.split("/").at(-1) ?? path;
  const bills = Map.groupBy(ledger.bills, ({ portrait }) => nameOf(portrait));
  const calls = new Map(Object.entries(ledger.calls).map(([portrait, records]) => [nameOf(portrait), records]));
  const story = (id: string): string =>
    (calls.get(id) ?? [])
      .map(({ session, fault, ending }) => `${session.slice(-12)} ${fault ?? "-"} ${ending}`)
      .join(", ");
  const maybe: string[] = [];
  let maybeBilledTwice = 0;
  for (const line of lines) {
    const paid = bills.get(line.id)?.length ?? 0;
    const say = (what: string): void => {
      findings.push(
        `${line.id}: ${what}; its line says ${line.outcome}, billed ${line.billed}; calls: ${story(line.id)}`,
      );
    };
    if (line.billed === "maybe") {
      maybe.push(`${line.id}: ${line.outcome}, billed ${paid} times; calls: ${story(line.id)}`);
      if (paid > steps) maybeBilledTwice += 1;
      if (paid > steps && !forgetful) say(`billed ${paid} times for ${steps} steps`);
    } else if (line.billed === "no" ? paid > 0 : line.outcome === "ok" ? paid !== steps : paid < 1 || paid > steps) {
      say(`billed ${paid} times for ${steps} steps`);
    }
    const refused = UNFIXABLE.some((kind) => calls.get(line.id)?.some(({ fault }) => fault === kind));
    if (refused ? line.state !== "failed" : line.outcome !== "ok") say(`not ended as it should: ${line.message}`);
  }
  // As in the simulator, the generations of a session count as one.
  const portraitOf = new Map(
    ledger.bills.map(({ session, portrait }) => [session.replace(/-g\d+$/, ""), nameOf(portrait)] as const),
  );
  const billedOf = new Map(lines.map(({ id, billed }) => [id, billed]));
  const surprising = ledger.doubleBilled.filter(({ by, key }) => {
    const id = by === "portrait" ? nameOf(key) : (portraitOf.get(key) ?? "");
    return !forgetful || billedOf.get(id) !== "maybe";
  });
  for (const { by, key, times } of surprising) findings.push(`billed ${times} times by ${by}: ${key}`);
  return { bills: ledger.bills.length, maybe, maybeBilledTwice, findings };
}
