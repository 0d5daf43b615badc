import process from "node:process";
import { cacheCompiled } from "@darkroom/app-main/cache-compiled";
import { limitHeap } from "@darkroom/app-main/limit-heap";

/** Commands that may do all the work in this process. */
const WORKING = ["start", "enhance", "watch", "retry", "demo"];

/** Why standard output may refuse what is written to it. */
const WRITE_FAULTS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EIO: "the device reports an error",
};

if (WORKING.includes(process.argv[2] ?? "")) limitHeap("fast");
// The command is started often, and most of its start is reading sources.
cacheCompiled();
const { runProgram } = await import("./program.ts");

// A reader that has seen enough (head, less) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  process.stderr.write(`darkroom: the output cannot be written: ${WRITE_FAULTS[error.code ?? ""] ?? error.message}\n`);
  process.exit(1);
});

process.exitCode = await runProgram(process.argv.slice(2), {
  variables: process.env,
  cwd: process.cwd(),
  streams: process,
});
