// Names the test files of vitest's JSON report that failed, one a line, relative to the folder it is run in.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const { testResults } = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const { name, status } of testResults) if (status === "failed") console.log(relative(process.cwd(), name));
