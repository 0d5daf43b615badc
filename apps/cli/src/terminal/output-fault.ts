/** Why standard output may refuse what is written to it. */
const WRITE_FAULTS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EIO: "the device reports an error",
};

export function faultText(error: NodeJS.ErrnoException): string {
  return `the output cannot be written: ${WRITE_FAULTS[error.code ?? ""] ?? error.message}`;
}

/**
 * What becomes of a command whose output cannot be written. A command that works outlives its reader and its terminal: their
 * end is told by a signal, and it then hands back what is under way. Any other one has nobody left to answer.
 *
 * @param isResult whether it is standard output, where the result goes
 * @param isWorking whether the command may have portraits under way
 */
export function outputFault(
  { code }: NodeJS.ErrnoException,
  isResult: boolean,
  isWorking: boolean,
): "go-on" | "end" | "fail" {
  const isReaderGone = code === "EPIPE" || code === "EIO" || code === "ENXIO" || code === "ECONNRESET";
  if (isReaderGone && isWorking) return "go-on";
  // A reader that has seen enough (head, less) is no failure.
  if (code === "EPIPE") return isResult ? "end" : "go-on";
  return isResult ? "fail" : "go-on";
}
