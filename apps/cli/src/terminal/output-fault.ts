/** Why standard output may reject writes. */
const WRITE_FAULTS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EIO: "the device reports an error",
};

export function faultText(error: NodeJS.ErrnoException): string {
  return `the output cannot be written: ${WRITE_FAULTS[error.code ?? ""] ?? error.message}`;
}

/**
 * Decides what a command does when it cannot write its output. A working command continues without its reader or
 * terminal, because a signal reports their end, on which the command hands back its portraits in flight. Any other
 * command ends.
 *
 * @param isResult true for standard output, which receives the result
 * @param isWorking true if the command may have portraits in flight
 */
export function outputFault(
  { code }: NodeJS.ErrnoException,
  isResult: boolean,
  isWorking: boolean,
): "go-on" | "end" | "fail" {
  const isReaderGone = code === "EPIPE" || code === "EIO" || code === "ENXIO" || code === "ECONNRESET";
  if (isReaderGone && isWorking) return "go-on";
  // A reader that closes early (head, less) is not a failure.
  if (code === "EPIPE") return isResult ? "end" : "go-on";
  return isResult ? "fail" : "go-on";
}
