import { DarkroomError } from "@darkroom/core";

/** Returns the error for an id that is not a batch of the caller. */
export function noSuchBatch(): DarkroomError {
  return new DarkroomError(
    "not_found",
    "There is no such batch: this id was never used, the batch was removed with darkroom clean, or it ended more than 30 days ago and was deleted here. The report of an ended batch stays at its destination, unless it was deleted too.",
  );
}
