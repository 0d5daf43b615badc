import { deliveryKey, recipeOfPortrait, RESULT_METADATA, type ObjectHead, type PortraitRow } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";

/** A crop of a result. */
export interface Cut {
  readonly key: string;
  /** Name of the delivery. */
  readonly part: string;
}

/** Returns the cuts that the recipe of a result orders. */
export function cutsOf(
  { spec, rounds }: Pick<BatchRecord, "spec" | "rounds">,
  row: PortraitRow,
  head: ObjectHead | undefined,
): readonly Cut[] {
  const round = Number(head?.metadata[RESULT_METADATA.round] ?? 0);
  const { deliveries = [] } = recipeOfPortrait(spec.recipe, rounds, round).output;
  return deliveries.map((delivery) => ({ key: deliveryKey(delivery, row), part: delivery.name }));
}

/** True for a cut that was made from this main picture. */
export function isCutOf({ metadata }: ObjectHead, main: ObjectHead, part: string): boolean {
  const { fingerprint, round, part: name } = RESULT_METADATA;
  return (
    metadata[name] === part &&
    metadata[fingerprint] === main.metadata[fingerprint] &&
    metadata[round] === main.metadata[round]
  );
}
