import { dearestPortraitPriceUsd, isEnded } from "@darkroom/core";
import { MICRO, type BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";

/**
 * Sets more aside for each portrait of a batch with a budget where the price table has become dearer since it was accepted:
 * else as many would be started as the budget paid for at the old price. To be called before anything of it is dispatched.
 */
export async function keepReserve(
  { ledger, prices, log }: Pick<ProducerContext, "ledger" | "prices" | "log">,
  { spec, state, maxCostUsd, reserveUsd = 0, rounds }: BatchRecord,
): Promise<void> {
  if (maxCostUsd === undefined || isEnded(state)) return;
  const recipes = [spec.recipe, ...rounds.filter(({ codes }) => codes.length > 0).map(({ recipe }) => recipe)];
  const fallback = spec.control?.fallback?.provider;
  const known = recipes.map((recipe) => dearestPortraitPriceUsd(recipe, fallback, prices, false) ?? 0);
  const dearest = Math.max(...known);
  if (Math.round(dearest * MICRO) <= Math.round(reserveUsd * MICRO)) return;
  await ledger.control.raiseReserve(spec.id, Math.round(dearest * MICRO));
  log.warn(
    { batch: spec.id, reserveUsd, dearest },
    "prices have risen: a batch's budget sets more aside for a portrait",
  );
}
