import { Option } from "commander";

/** `--twin` of a command that continues a batch. A batch knows its provider; the option only refuses a paid batch. */
export function twinBatchOption(): Option {
  return new Option(
    "--twin",
    "only if the batch was submitted for the simulator; not needed, because a batch knows it",
  );
}
