import process from "node:process";
import { cacheCompiled } from "@darkroom/runtime/cache-compiled";
import { limitHeap } from "@darkroom/runtime/limit-heap";

/** Commands that may do all the work in this process. */
const WORKING = ["start", "enhance", "watch", "retry", "redo", "demo"];

if (WORKING.includes(process.argv[2] ?? "")) limitHeap("fast");
// Compiled code is cached, because the command starts often and spends most of its start compiling sources.
cacheCompiled();
const { runProgram } = await import("./program.ts");
const { faultText, outputFault } = await import("./terminal/output-fault.ts");

const isWorking = WORKING.includes(process.argv[2] ?? "");
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    switch (outputFault(error, stream === process.stdout, isWorking)) {
      case "go-on":
        return;
      case "end":
        return process.exit();
      case "fail":
        process.stderr.write(`darkroom: ${faultText(error)}\n`);
        process.exit(1);
    }
  });
}
// The signal already reports a terminal that is closed while a question is open.
process.stdin.on("error", () => undefined);

process.exitCode = await runProgram(process.argv.slice(2), {
  variables: process.env,
  cwd: process.cwd(),
  streams: process,
});
