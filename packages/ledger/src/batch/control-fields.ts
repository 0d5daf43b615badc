import { type BatchSpec, DEFAULT_BREAKER, MICRO, type Breaker, type Control } from "@darkroom/core";

/** A deployment's defaults for a batch's limits, applied at acceptance. */
export interface BatchLimits {
  /** The failure breaker of batches without their own; false for no breaker. Defaults to core's. */
  readonly breaker?: Breaker | false;
}

/** Returns the field of the meta hash with a batch's tenant; none for the default tenant. */
export function tenantFields({ tenant }: Pick<BatchSpec, "tenant">): readonly (readonly [string, string])[] {
  return tenant === undefined ? [] : [["tenant", tenant]];
}

/** Returns the initial control fields of the meta hash. */
export function controlFields(
  control: Control | undefined,
  { breaker = DEFAULT_BREAKER }: BatchLimits,
): readonly (readonly [string, string | number])[] {
  const fields: [string, string | number][] = [];
  if (control?.confirm === true) fields.push(["confirm", 1]);
  if (control?.pilot !== undefined) fields.push(["pilot", control.pilot]);
  if (control?.maxCostUsd !== undefined) {
    fields.push(["maxCostMicroUsd", Math.round(control.maxCostUsd * MICRO)]);
  }
  const wished = control?.breaker ?? breaker;
  if (wished !== false) {
    fields.push(["breakerMinimum", wished.minimum], ["breakerPercent", wished.failurePercent]);
  }
  return fields;
}
