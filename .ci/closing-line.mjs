// Prints "N passed, N failed" from vitest's JSON report, and ends with 1 unless all is well. Files that were run again,
// alone, count as they ended then. A failed check, a file that could not be loaded and a failure outside of any test
// count as one each.
import { existsSync, readFileSync } from "node:fs";

const [, , reportPath, checkCode, testCode, againPath = ""] = process.argv;

function resultsOf(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).testResults;
  } catch {
    console.log("The tests left no report.");
    return [];
  }
}

const again = existsSync(againPath) ? resultsOf(againPath) : [];
const files = new Map([...resultsOf(reportPath), ...again].map((file) => [file.name, file]));
const count = (status) =>
  [...files.values()].flatMap(({ assertionResults }) => assertionResults).filter((each) => each.status === status)
    .length;
const notLoaded = [...files.values()].filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.every((each) => each.status !== "failed"),
);
const passed = count("passed");
let failed = count("failed") + notLoaded.length;
if (failed === 0 && (testCode !== "0" || passed === 0)) failed = 1;
if (checkCode !== "0") failed += 1;

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
