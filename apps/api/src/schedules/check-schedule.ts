import { DarkroomError, type Submission } from "@darkroom/core";
import { checkResultsApart, checkSubmission, controlOf, checkBudget } from "@darkroom/intake";
import { checkNamesAcrossRuns } from "./check-schedule-names.ts";
import type { Services } from "../services.ts";

/** A placeholder for `{date}` when a destination is only checked. */
const SOME_DAY = "2000-01-01";

/**
 * Rejects a scheduled submission that could never be accepted, while its user can still read the error.
 *
 * @throws DarkroomError with the field under `submission`
 */
export function checkScheduledSubmission(
  services: Pick<Services, "lanes" | "laneProviders" | "openStore" | "prices" | "breaker">,
  submission: Submission & { readonly source: string },
): void {
  try {
    if (submission.deadline !== undefined) {
      throw new DarkroomError(
        "invalid_input",
        "deadline: it is a single time, but a schedule creates many batches; omit it.",
        { field: "deadline" },
      );
    }
    checkNamesAcrossRuns(submission);
    checkResultsApart(submission);
    const dated = { ...submission, destination: submission.destination.replaceAll("{date}", SOME_DAY) };
    const { recipe, fallback, rows } = checkSubmission(dated, services);
    const control = controlOf(dated, new Date(), services.breaker, fallback);
    checkBudget(control, recipe, services.prices, rows.kind === "sent" ? { kind: "manifest" } : rows.source);
  } catch (error) {
    if (!(error instanceof DarkroomError)) throw error;
    const field = error.field === undefined ? "submission" : `submission.${error.field}`;
    throw new DarkroomError(error.code, error.message, { field, cause: error });
  }
}
