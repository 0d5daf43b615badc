export { EXIT, type ExitCode } from "./exit-codes.ts";
export { runProgram } from "./program.ts";
