import { DarkroomError, type BatchSpec, type Breaker, type BatchOrder, type Submission } from "@darkroom/core";
import { checkSubmission } from "./check-submission.ts";
import { type SubmissionRules } from "./submission-rules.ts";
import { controlOf } from "./control-of.ts";

/** Returns a destination in the form that a batch stores. */
export function destinationOf(
  { template, overwrite }: Pick<Submission, "template" | "overwrite">,
  url: string,
): BatchSpec["destination"] {
  return {
    url,
    ...(template === undefined ? {} : { template }),
    ...(overwrite === undefined ? {} : { overwrite }),
  };
}

/**
 * Returns the order of a submission's batch. Reads no rows and writes nothing.
 *
 * @throws DarkroomError `invalid_input` with the invalid field; also for rows in the request, which no two orders share
 */
export function orderOf(
  submission: Submission,
  rules: SubmissionRules & { readonly breaker: Breaker | false },
  now: Date,
): BatchOrder {
  const { recipe, lane, fallback, destinationUrl, rows } = checkSubmission(submission, rules);
  if (rows.kind !== "stored")
    throw new DarkroomError("invalid_input", "Name a source; rows cannot be compared.", { field: "rows" });
  const control = controlOf(submission, now, rules.breaker, fallback);
  return {
    source: rows.source,
    destination: destinationOf(submission, destinationUrl),
    recipe,
    lane,
    ...(control === undefined ? {} : { control }),
  };
}
