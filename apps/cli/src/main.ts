import process from "node:process";
import { runProgram } from "./program.ts";

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
