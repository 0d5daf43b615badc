import { DarkroomError, type Submission } from "@darkroom/core";

/** As the names of results are filled in: neither case nor spaces within the braces matter. */
const INDEX = /\{\s*index\s*\}/i;

/**
 * Refuses names by `{index}` for a schedule: each run counts what it finds anew, so a later run would give a portrait the
 * name of another portrait's result, which is taken. A `{date}` in the destination does not help: two runs can come on the same day.
 *
 * @throws DarkroomError `invalid_input` with the field of the template
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
    `${field}: {index} counts anew in each run of a schedule, so a later run would give portraits the names of other portraits' results and refuse them as taken. Use {path}, or {id} of a manifest, instead of {index}.`,
    { field },
  );
}
