import { afterEach, expect, it } from "vitest";
import { batchKeys, REPORT_COLUMNS } from "@darkroom/core";
import { readText, startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

it.each([
  ["comma", ",", '"R, D"', "R; D", "R\tD"],
  ["semicolon", ";", "R, D", '"R; D"', "R\tD"],
  ["tab", "\t", "R, D", "R; D", '"R\tD"'],
])("DARKROOM_CSV_SEPARATOR=%s separates the columns of all CSV files", async (name, separator, ...cells) => {
  engine = await startEngine({ env: { DARKROOM_CSV_SEPARATOR: name } });
  await engine.addPhotos(3, (index) => `p${index}.jpg`);
  const manifest =
    'source|team|State|state\np0.jpg|R, D|new|a\np1.jpg|R; D|new|a\np2.jpg|"R\tD"|new|a\ngone.jpg||new|a\n';
  // A manifest has its own separator, independent of the report's.
  await engine.source.put("team.csv", Buffer.from(manifest.replaceAll("|", ";").replace("R; D", '"R; D"')));
  const { id } = (await engine.ended(await engine.submit({ source: `${engine.root}in/team.csv` }))).spec;
  const keys = batchKeys(id);
  const lines = (await readText(engine.results, keys.reportCsv)).trimEnd().split("\n");
  const header = [...REPORT_COLUMNS, "team", "State (manifest)", "state (manifest)"].join(separator);
  expect(lines[0]).toBe(`\ufeff${header}`);
  expect(lines.slice(1, 4).map((line, nth) => line.endsWith([cells[nth], "new", "a"].join(separator)))).toEqual([
    true,
    true,
    true,
  ]);
  const failures = (await readText(engine.results, keys.failuresCsv)).trimEnd().split("\n");
  expect(failures).toEqual([lines[0], lines[4]]);
  expect(failures[1]?.split(separator).slice(0, 3)).toEqual(["gone.jpg", "gone.jpg", "failed"]);

  const listed = (await engine.ended(await engine.submit({ destination: `${engine.root}out/listed/` }))).spec;
  const leftOut = await readText(engine.openStore(listed.destination.url), batchKeys(listed.id).leftOutCsv);
  expect(leftOut).toBe(
    `\ufeff${["count", "kind", "what"].join(separator)}\n${["1", "other", "1 other file (team.csv)"].join(separator)}\n`,
  );
});

it("a report that is submitted as a manifest keeps its columns distinct, however often that is repeated", async () => {
  engine = await startEngine();
  await engine.addPhotos(1, () => "p.jpg");
  await engine.source.put("first.csv", Buffer.from("source,team\np.jpg,north\n"));
  let source = `${engine.root}in/first.csv`;
  const headers: string[][] = [];
  for (const generation of [1, 2, 3]) {
    const destination = `${engine.root}out/${generation}/`;
    const { spec, state } = await engine.ended(
      await engine.submit({ source, baseUrl: `${engine.root}in/`, destination }),
    );
    expect(state).toBe("completed");
    const key = batchKeys(spec.id).reportCsv;
    headers.push((await readText(engine.openStore(destination), key)).split("\n")[0]?.split(",") ?? []);
    source = `${destination}${key}`;
  }
  for (const header of headers) expect(new Set(header).size).toBe(header.length);
  expect(headers[2]).toContain("state (manifest) (manifest)");
});
