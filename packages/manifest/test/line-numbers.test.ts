import { isRejected } from "@darkroom/core";
import { expect, it } from "vitest";
import { manifestRows } from "./fixture.ts";

const BOM = "\uFEFF";

/** The message about the row with mode "turbo" names the line that an editor shows. */
it.each([
  ["a plain file", "source,mode\na.jpg,eco\nb.jpg,turbo\n", 3],
  ["Excel's separator line", "sep=;\nsource;mode\na.jpg;eco\nb.jpg;turbo\n", 4],
  ["the same with CRLF", "sep=;\r\nsource;mode\r\na.jpg;eco\r\nb.jpg;turbo\r\n", 4],
  ["the same with CR CR LF", "sep=;\r\r\nsource;mode\r\r\na.jpg;eco\r\r\nb.jpg;turbo\r\r\n", 4],
  ["the same with CR", "sep=;\rsource;mode\ra.jpg;eco\rb.jpg;turbo\r", 4],
  ["the same with a mark", `${BOM}sep=;\r\nsource;mode\r\na.jpg;eco\r\nb.jpg;turbo\r\n`, 4],
  ["the same in quotes", '"sep=;"\r\nsource;mode\r\na.jpg;eco\r\nb.jpg;turbo\r\n', 4],
  ["a separator line that was saved again", "sep=;;\r\nsource;mode\r\na.jpg;eco\r\nb.jpg;turbo\r\n", 4],
  ["a separator line with spaces", "sep=; \r\nsource;mode\r\na.jpg;eco\r\nb.jpg;turbo\r\n", 4],
  ["a separator line above blank ones", "sep=;\r\n\r\n;\r\nsource;mode\r\na.jpg;eco\r\nb.jpg;turbo\r\n", 6],
  ["a mark", `${BOM}source,mode\na.jpg,eco\nb.jpg,turbo\n`, 3],
  ["CR CR LF", "source,mode\r\r\na.jpg,eco\r\r\nb.jpg,turbo\r\r\n", 3],
  ["CR", "source,mode\ra.jpg,eco\rb.jpg,turbo\r", 3],
  ["blank lines", "\nsource,mode\n\n,\na.jpg,eco\n\n  \nb.jpg,turbo\n", 8],
  ["line breaks in quotes", 'source,mode,notes\na.jpg,eco,"1\n2\n3"\nb.jpg,turbo,x\n', 5],
  ["CRLF in quotes", 'source,mode,notes\r\na.jpg,eco,"1\r\n2"\r\nb.jpg,turbo,x\r\n', 4],
  ["CR CR LF in quotes", 'source,mode,notes\r\r\na.jpg,eco,"1\r\r\n2"\r\r\nb.jpg,turbo,x\r\r\n', 4],
  ["line breaks in the header", 'source,mode,"my\nnotes"\na.jpg,eco,\nb.jpg,turbo,x\n', 4],
  ["a row that itself breaks", 'source,mode,notes\nb.jpg,turbo,"1\n2"\n', 2],
])("the line of a bad row is that of the file, with %s", async (_, text, line) => {
  const rows = await manifestRows("csv", text);
  const bad = rows.filter(isRejected).filter(({ rejected }) => rejected.message.includes("turbo"));
  expect(bad.map(({ rejected }) => rejected.line)).toEqual([line]);
});

it.each([
  ["a separator line", "sep=;\r\nsource;mdoe\r\na.jpg;eco\r\n", 2],
  ["blank lines", "\n\nsource;mdoe\na.jpg;eco\n", 3],
])("so is the line of the header, with %s", async (_, text, line) => {
  await expect(manifestRows("csv", text)).rejects.toThrow(`team.csv, line ${line}: the column "mdoe"`);
});
