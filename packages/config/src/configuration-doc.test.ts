import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { SETTINGS, type Setting } from "./catalogue.ts";

const TWIN_SECTION = "\n## The twin\n";
const doc = await readFile(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
const catalogue = Object.entries<Setting>(SETTINGS);

/** Returns name, default and meaning from each row of the tables before the simulator's section. */
const rows = (doc.split(TWIN_SECTION)[0] ?? "")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.slice(2, -2).split(" | "));

function byName(a: readonly string[], b: readonly string[]): number {
  return (a[0] ?? "").localeCompare(b[0] ?? "");
}

/** Returns the bounds or choices that the docs state after a meaning. */
function limits({ kind, min, max }: Setting): string {
  if (kind === "integer") return ` From ${min} to ${max}.`;
  return typeof kind === "string" ? "" : ` One of ${kind.map((one) => `\`${one}\``).join(", ")}.`;
}

test("the docs list every setting once with its default, meaning and limits, and no others", () => {
  const wished = catalogue.map(([name, setting]) => [
    `\`${name}\``,
    setting.default === undefined ? "—" : `\`${setting.default}\``,
    `${setting.meaning}${limits(setting)}`,
  ]);
  expect(rows.toSorted(byName)).toEqual(wished.toSorted(byName));
});

test("the docs name no variable that no code reads", () => {
  const named = doc.match(/\b(?:DARKROOM|AWS|EACHLABS|PHOTA|REDIS)_[A-Z0-9_]+/g) ?? [];
  const ours = named.filter((name) => !name.startsWith("DARKROOM_TWIN_"));
  expect(ours.length).toBeGreaterThan(30);
  expect(ours.filter((name) => !Object.hasOwn(SETTINGS, name))).toEqual([]);
});

test("the simulator's variables are only in its section", () => {
  const [ours = "", twins = ""] = doc.split(TWIN_SECTION);
  expect(ours).not.toContain("DARKROOM_TWIN_");
  expect(twins).toContain("`DARKROOM_TWIN_PORT`");
});
