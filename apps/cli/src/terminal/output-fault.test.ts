import { expect, it } from "vitest";
import { outputFault } from "./output-fault.ts";

it.each([
  // [error code, is standard output, is working, result]
  ["EPIPE", true, false, "end"],
  ["EPIPE", true, true, "go-on"],
  ["EPIPE", false, false, "go-on"],
  ["EPIPE", false, true, "go-on"],
  ["EIO", true, true, "go-on"],
  ["EIO", false, true, "go-on"],
  ["EIO", true, false, "fail"],
  ["ENOSPC", true, false, "fail"],
  ["ENOSPC", true, true, "fail"],
  ["ENOSPC", false, true, "go-on"],
] as const)("%s: standard output %s, works %s: %s", (code, isResult, isWorking, then) => {
  expect(outputFault(Object.assign(new Error(code), { code }), isResult, isWorking)).toBe(then);
});
