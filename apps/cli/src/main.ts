import { enableCompileCache } from "node:module";
import process from "node:process";
import { limitHeap } from "@darkroom/app-main/limit-heap";

/** Commands that may do all the work in this process. */
const WORKING = ["start", "enhance", "watch", "retry", "demo"];

if (WORKING.includes(process.argv[2] ?? "")) limitHeap("fast");
// The command is started often, and most of its start is reading sources.
enableCompileCache();
const { runProgram } = await import("./program.ts");

// A reader that has seen enough (head, less) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2), {
  variables: process.env,
  cwd: process.cwd(),
  streams: process,
});
