import { expect, it } from "vitest";
import { beginSource, CHECKED_ROWS } from "../src/index.ts";
import { fixture, manifestRows } from "./fixture.ts";

const HOW_TO_SKIP =
  "Mend them, or give --skip-bad-rows (skipBadRows: true) to enhance the others; each bad row then ends as invalid_row.";

const BAD_CSV = "source,id,mode\na.jpg,1,eco\nb.jpg,1,eco\n,3,eco\nd.jpg,4,turbo\ne.jpg,5,max\n";

it.each([
  ["csv", BAD_CSV, [/^team\.csv, line 3, id: an earlier row/, /^team\.csv, line 4, source: this row/, /line 5, mode/]],
  [
    "jsonl",
    '{"source":"a.jpg"}\n{nope\n{"source":"../b.jpg"}\n',
    [/^team\.jsonl, line 2: this line/, /line 3, source/],
  ],
] as const)("a %s manifest with bad rows is refused with all of them, by their lines", async (format, text, lines) => {
  const error: unknown = await manifestRows(format, text, { skipBadRows: false }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "invalid_input", field: "source" });
  const [head, ...told] = error instanceof Error ? error.message.split("\n") : [];
  expect(head).toBe(`the manifest has ${lines.length} mistakes:`);
  for (const [place, line] of lines.entries()) expect(told[place]).toMatch(line);
  expect(told.slice(lines.length)).toEqual([HOW_TO_SKIP]);
});

it("one bad row refuses a manifest, too", async () => {
  await expect(manifestRows("csv", "source,mode\na.jpg,turbo\n", { skipBadRows: false })).rejects.toThrow(
    `team.csv, line 2, mode: mode "turbo" is not known; use max, eco\n${HOW_TO_SKIP}`,
  );
});

it("a first look refuses it too, unless bad rows are to be skipped", async () => {
  await using folder = await fixture();
  await folder.write("team.csv", BAD_CSV);
  const look = (skipBadRows: boolean) =>
    beginSource({
      source: { kind: "manifest", url: `${folder.url}team.csv`, format: "csv", baseUrl: folder.url, skipBadRows },
      destination: {},
      output: { format: "source" },
      openStore: folder.open,
    });
  await expect(look(false)).rejects.toThrow("the manifest has 3 mistakes:");
  expect(await look(true)).toHaveLength(5);
});

it("a bad row behind those that are checked costs itself alone", async () => {
  const good = Array.from({ length: CHECKED_ROWS }, (_, n) => `${n}.jpg,eco\n`).join("");
  const rows = await manifestRows("csv", `source,mode\n${good}x.jpg,turbo\ny.jpg,max\n`, { skipBadRows: false });
  expect(rows.slice(CHECKED_ROWS)).toMatchObject([
    { rejected: { line: CHECKED_ROWS + 2, field: "mode" } },
    { source: "y.jpg", mode: "max" },
  ]);
});

it("photos of a folder whose results would have one name are refused alone: no file says it wrongly", async () => {
  await using folder = await fixture();
  await folder.write("in/a.jpg", "1");
  await folder.write("in/b.heic", "2");
  await folder.write("in/b.png", "3");
  const rows = await beginSource({
    source: { kind: "prefix", url: `${folder.url}in/` },
    destination: { template: "{name}.jpg" },
    output: { format: "jpeg" },
    openStore: folder.open,
  });
  expect(rows).toMatchObject([{ source: "a.jpg" }, { source: "b.heic" }, { rejected: { repeats: "destination" } }]);
});
