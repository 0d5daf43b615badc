import { isEnded, type BatchState } from "@darkroom/core";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/**
 * Returns the exit code of a command that followed or showed a batch in this state. A batch that has not ended does not
 * count as a failure.
 */
export function exitCodeOfState(state: BatchState): ExitCode {
  if (!isEnded(state) || state === "completed") return EXIT.ok;
  return state === "completed_with_failures" ? EXIT.completedWithFailures : EXIT.notCompleted;
}
