import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)));
const pages = new Map(
  await Promise.all(
    tracked.filter((path) => path.endsWith(".md")).map(async (path) => [path, await textOf(path)] as const),
  ),
);

async function textOf(path: string): Promise<string> {
  return await readFile(join(ROOT, path), "utf8");
}

/** A page without its code blocks and code spans, in which links are examples. */
function proseOf(page: string): string {
  return page.replaceAll(/^```[^]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "code");
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = page.replaceAll(/^```[^]*?^```/gm, "").matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(/\s/g, "-"),
    ),
  );
}

test("every relative link leads to an existing file and heading", () => {
  let links = 0;
  const broken = [...pages].flatMap(([path, page]) =>
    [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
      if (/^[a-z]+:/.test(link)) return [];
      links += 1;
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : join(dirname(path), file);
      const linked = pages.get(target);
      const isThere = linked !== undefined || existsSync(join(ROOT, target));
      const isHeading = anchor === undefined || linked === undefined || anchorsOf(linked).has(anchor);
      return isThere && isHeading ? [] : [`${path}: ${link}`];
    }),
  );
  expect(links).toBeGreaterThan(300);
  expect(broken).toEqual([]);
});

test("every test and source file that a page names exists", () => {
  const named = [...pages].flatMap(([path, page]) =>
    [...page.matchAll(/`((?:apps|packages|test|bench|scripts)\/[\w./-]+\.(?:ts|mjs))`/g)].map(
      ([, file = ""]) => [path, file] as const,
    ),
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(([, file]) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test("each row of the failure modes fills every column and names a test", () => {
  const page = pages.get("docs/failure-modes.md") ?? "";
  const rows = page
    .split("\n## ")
    .slice(1)
    .flatMap((section) => (section.split("\n### ")[0] ?? "").split("\n").filter((line) => line.startsWith("| ")))
    .filter((line) => !/^\| (?:failure|---) /.test(line));
  expect(rows.length).toBeGreaterThan(45);
  const cellsOf = (row: string): readonly string[] => row.slice(1, -1).split("|");
  expect(rows.filter((row) => cellsOf(row).length !== 7 || cellsOf(row).some((cell) => cell.trim() === ""))).toEqual(
    [],
  );
  expect(rows.filter((row) => !(cellsOf(row).at(-1) ?? "").includes(".test.ts)"))).toEqual([]);
});

test("every section of the provider contract that the code cites exists", async () => {
  const page = pages.get("docs/provider-contract.md") ?? "";
  const sources = tracked.filter((path) => /^(?:apps|packages|test)\/.*\.ts$/.test(path));
  const texts = await Promise.all(sources.map(async (path) => await textOf(path)));
  const cited = texts.flatMap((text) =>
    [...text.matchAll(/contract,? (?:\(|section )?([ABC](?:\.\d)?)\b/g)].map(([, section = ""]) => section),
  );
  expect(cited.length).toBeGreaterThan(40);
  const sections = new Set([...page.matchAll(/^#{2,3} ([ABC](?:\.\d)?)\b/gm)].map(([, section]) => section));
  expect([...new Set(cited)].filter((section) => !sections.has(section))).toEqual([]);
});

test("the glossary has every class that ledger and lanes export, sorted, with one line per term", async () => {
  const glossary = (pages.get("docs/architecture.md") ?? "").split("\n## Glossary\n")[1]?.split("\n## ")[0] ?? "";
  const rows = glossary.split("\n").filter((line) => line.startsWith("| "));
  const terms = rows.slice(2).map((row) => (row.split(" | ")[0] ?? "").replaceAll(/[|`]/g, "").trim());
  expect(terms.length).toBeGreaterThan(40);
  expect(terms).toEqual([...new Set(terms)].toSorted((a, b) => a.localeCompare(b)));
  const sources = tracked.filter((path) => /^packages\/(?:ledger|lanes)\/src\/.*(?<!\.test)\.ts$/.test(path));
  const texts = await Promise.all(sources.map(async (path) => await textOf(path)));
  const classes = texts.flatMap((text) => [...text.matchAll(/^export class (\w+)/gm)].map(([, name]) => name));
  expect(classes.length).toBeGreaterThan(15);
  expect(classes.filter((name) => !glossary.includes(`\`${name}\``))).toEqual([]);
});
