import { DarkroomError, type Submission } from "@darkroom/core";

/** Matches like the template engine, which ignores case, and spaces inside the braces. */
const INDEX = /\{\s*index\s*\}/i;

/**
 * Rejects `{index}` in a schedule's names. Each occurrence numbers its photos from zero, so a later occurrence would
 * collide with earlier results. A `{date}` in the destination does not help: two occurrences may share a day.
 *
 * @throws DarkroomError `invalid_input` with the template's field
 */
export function checkNamesAcrossRuns({ template, recipe }: Pick<Submission, "template" | "recipe">): void {
  refuseIndex(template, "template");
  for (const [place, delivery] of (recipe.output?.deliveries ?? []).entries()) {
    refuseIndex(delivery.template, `recipe.output.deliveries.${place}.template`);
  }
}

function refuseIndex(template: string | undefined, field: string): void {
  if (template === undefined || !INDEX.test(template)) return;
  throw new DarkroomError(
    "invalid_input",
    `${field}: {index} starts again in each run of a schedule, so results of a later run would collide with earlier ones and be refused. Use {path}, or {id} of a manifest, instead of {index}.`,
    { field },
  );
}
