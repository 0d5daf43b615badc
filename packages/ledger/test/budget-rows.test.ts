import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import {
  KindCount,
  MICRO,
  type PriceTable,
  type RecipeOverrides,
  portraitPriceUsd,
  recipeFor,
  reserveOfBatchUsd,
  resolveRecipe,
} from "@darkroom/core";
import { rowsRead } from "../src/index.ts";
import { batchSpec, openLedger, outcome } from "./open-ledger.ts";

/*
 * A budget holds whatever the rows of a manifest ask for, while less is set aside for each portrait as soon as it is known
 * what they ask for: at no moment may what is spent and what is with the provider come to more.
 */

const opened = openLedger();
const { ledger } = opened;
afterAll(async () => await opened.close());

const PRICES: PriceTable = { "each-sense": { eco: 0.05, max: 0.2 } };
const row = fc.constantFrom<RecipeOverrides>({}, {}, { mode: "eco" }, { mode: "max" }, { prompt: "softer light" });
const steps = [{ prompt: "softer" }, { prompt: "warmer" }];

it("is never passed, whatever modes rows ask for and whenever that is known", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 30 }),
      fc.constantFrom("eco" as const, "max" as const),
      fc.integer({ min: 40, max: 300 }),
      fc.array(fc.constantFrom("dispatch", "dispatch", "end", "read", "follow"), { minLength: 60, maxLength: 120 }),
      async (rows, mode, budgetCents, history) => {
        const recipe = resolveRecipe({ steps, mode });
        const maxCostUsd = budgetCents / 100;
        const source = { kind: "manifest" as const, url: "file:///team.csv", format: "csv" as const };
        const spec = batchSpec({ control: { maxCostUsd }, recipe, prices: PRICES, source });
        const price = (index: number): number => portraitPriceUsd(recipeFor(recipe, rows[index] ?? {}), PRICES) ?? NaN;
        await ledger.create(spec, { breaker: false, reserveUsd: reserveOfBatchUsd(spec, recipe) ?? NaN });
        const fence = await ledger.beginIngest(spec.id);
        const counted = { fence, rejected: [], kinds: kindsOf(rows) };
        await ledger.countPart(spec.id, { ...counted, part: 0, rows: rows.length });
        const flying: number[] = [];
        let spentUsd = 0;
        for (const step of history) {
          if (step === "read") await ledger.countPart(spec.id, { fence, rejected: [], part: 1, rows: 0, end: {} });
          if (step === "follow") {
            const record = await ledger.read(spec.id);
            const dearest = record && reserveOfBatchUsd(spec, recipe, rowsRead(record));
            if (dearest !== undefined) await ledger.control.lowerReserve(spec.id, dearest);
          }
          if (step === "dispatch") {
            const window = await ledger.peekPending(spec.id, 3);
            if (window === undefined) continue;
            await ledger.markQueued(spec.id, window);
            for (const index of window.indexes) {
              const { kind } = await ledger.claim(spec.id, index, `w/${index}`);
              if (kind === "claimed") flying.push(index);
            }
          }
          if (step === "end") {
            const index = flying.shift();
            if (index === undefined) continue;
            const costUsd = price(index);
            spentUsd += costUsd;
            await ledger.settle(spec.id, index, `w/${index}`, { ...outcome("ok"), costUsd });
          }
          const atRiskUsd = flying.reduce((sum, index) => sum + price(index), spentUsd);
          expect(Math.round(atRiskUsd * MICRO)).toBeLessThanOrEqual(Math.round(maxCostUsd * MICRO));
        }
      },
    ),
    { numRuns: 30 },
  );
});

function kindsOf(rows: readonly RecipeOverrides[]) {
  const count = new KindCount();
  for (const each of rows) count.add(each);
  return count.counts;
}
