// Prints "N passed, N failed" from vitest's JSON report, and ends with 1 unless all is well.
// A failed check, a file that could not be loaded and a failure outside of any test count as one each.
import { readFileSync } from "node:fs";

const [, , reportPath, checkCode, testCode] = process.argv;

function readReport() {
  try {
    return JSON.parse(readFileSync(reportPath, "utf8"));
  } catch {
    console.log("The tests left no report.");
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}

const report = readReport();
const passed = report.numPassedTests;
const notLoaded = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.every((each) => each.status !== "failed"),
);
let failed = report.numFailedTests + notLoaded.length;
if (failed === 0 && (testCode !== "0" || passed === 0)) failed = 1;
if (checkCode !== "0") failed += 1;

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
