import {
  checkDestinationPlaceholders,
  DarkroomError,
  datedDestination,
  type Submission,
  type SubmitterBounds,
} from "@darkroom/core";
import {
  checkResultsApart,
  checkSubmission,
  controlOf,
  checkBudget,
  isCoveredStore,
  wholeStoreUrl,
} from "@darkroom/intake";
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
  services: Pick<Services, "lanes" | "laneProviders" | "openStore" | "prices" | "breaker"> & {
    readonly bounds: SubmitterBounds;
  },
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
    checkDestinationPlaceholders(submission.destination, { isScheduled: true });
    checkNamesAcrossRuns(submission);
    checkResultsApart(submission);
    checkFixedFolder(submission.destination, services.bounds);
    const dated = { ...submission, destination: datedDestination(submission.destination, SOME_DAY) };
    const { recipe, fallback, rows } = checkSubmission(dated, services);
    const control = controlOf(dated, new Date(), services.breaker, fallback);
    checkBudget(control, recipe, services.prices, rows.kind === "sent" ? { kind: "manifest" } : rows.source);
  } catch (error) {
    if (!(error instanceof DarkroomError)) throw error;
    const inSubmission = (field?: string): string => (field === undefined ? "submission" : `submission.${field}`);
    const faults = error.faults.map((fault) => ({ ...fault, field: inSubmission(fault.field) }));
    const field = inSubmission(error.field);
    throw new DarkroomError(error.code, error.message, { field, faults, cause: error });
  }
}

/**
 * The folder before `{date}` must be within the key's destinations, not only the folders of some days, because the
 * schedule stores its delivery notes there.
 *
 * @throws DarkroomError `forbidden`
 */
function checkFixedFolder(destination: string, { destinations }: SubmitterBounds): void {
  const at = destination.indexOf("{");
  if (destinations === "any" || at === -1) return;
  const folder = wholeStoreUrl(destination.slice(0, destination.lastIndexOf("/", at) + 1), "destination");
  if (isCoveredStore(folder, destinations)) return;
  throw new DarkroomError(
    "forbidden",
    `destination: ${folder}, the folder before {date}, is outside of the destinations of this key: ${destinations.join(", ")}.`,
    { field: "destination" },
  );
}
