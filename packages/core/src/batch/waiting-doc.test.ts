import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { WAIT_ENDS, WAIT_REASONS } from "./wait-reason.ts";

test("the docs list every reason to wait, in order, with what ends it, and no others", async () => {
  const doc = await readFile(new URL("../../../../docs/waiting.md", import.meta.url), "utf8");
  const rows = doc.split("\n").flatMap((line) => {
    const [, reason, ends] = /^\| `(\w+)` \| (.+) \|$/.exec(line) ?? [];
    return reason === undefined ? [] : [[reason, ends]];
  });
  expect(rows).toEqual(WAIT_REASONS.map((reason) => [reason, WAIT_ENDS[reason]]));
});
