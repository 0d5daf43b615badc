import { afterEach, expect, it } from "vitest";
import { batchKeys, type Submission } from "@darkroom/core";
import { readText, startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

/** Rows that cannot be accepted, and the required text of their message. */
const BAD_CSV: readonly (readonly [row: string, message: RegExp])[] = [
  [";blank;;;;", /source/],
  ["   ;spaces;;;;", /source/],
  ["p00000.jpg;preset;;sparkle;;", /preset/],
  ["p00000.jpg;mode;;;turbo;", /mode/],
  ["p00000.jpg;intensity;;;;extreme", /intensity/],
  ["p00000.jpg;up;../../etc/passwd.jpg;;;", /\.\./],
  ["p00000.jpg;absolute;/etc/p.jpg;;;", /start|\//],
  ["p00000.jpg;backslash;a\\b.jpg;;;", /backslash/],
  ["p00000.jpg;ours;_darkroom/x.jpg;;;", /_darkroom/],
  [`p00000.jpg;long;${"x".repeat(1_100)}.jpg;;;`, /long|1,?024|bytes/],
  ["../secret.jpg;escape;;;;", /\.\./],
  ["http://example.com/a.jpg;plain http;;;;", /https/],
  ["ftp://example.com/a.jpg;ftp;;;;", /ftp|scheme|https/],
  ["data:image/png;base64", /.+/],
  ["https://user:pass@example.com/a.jpg;creds;;;;", /password|credential|user/i],
  ["https://;nohost;;;;", /.+/],
  ["p00001.jpg;good-1;;;;", /id/],
  ["p00000.jpg;other;same.jpg;;;", /destination|same\.jpg/],
  ["p00000.jpg;too;many;;;;;;cells;here", /cell|column|field/],
  ["file:///etc/passwd;file;;;;", /outside of the batch/],
];

it("fails each of 20 kinds of malformed rows with line and reason, and enhances the rest", async () => {
  engine = await startEngine({ store: "s3" });
  await engine.addPhotos(3);
  const good = ["p00000.jpg;good-0;a.jpg;;;", "p00001.jpg;good-1;same.jpg;;;", "p00002.jpg;good-2;;;;"];
  const rows = [...good, ...BAD_CSV.map(([row]) => row)];
  await engine.source.put("team.csv", Buffer.from(`source;id;destination;preset;mode;intensity\n${rows.join("\n")}\n`));
  const record = await engine.ended(await engine.submit({ source: `${engine.root}in/team.csv`, skipBadRows: true }));
  const lines = await engine.report(record.spec.id);
  expect(lines.slice(0, 3).map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
  BAD_CSV.forEach(([row, message], place) => {
    const line = lines[place + 3];
    expect(line?.outcome, row).toBe("invalid_row");
    expect(line?.billed, row).toBe("no");
    expect(line?.message, row).toContain(`line ${place + 5}`);
    expect(line?.message, row).toMatch(message);
  });
  expect(lines.filter(({ id }) => id === "good-1").map(({ outcome }) => outcome)).toEqual(["ok"]);
  const csv = await readText(engine.results, batchKeys(record.spec.id).reportCsv);
  expect(csv.match(/^good-1[,;]/gm)).toHaveLength(1);
  expect(record.counts).toMatchObject({ total: 23, succeeded: 3, failed: 20 });
  expect(engine.twin.ledger().billed).toBe(3);
});

it("refuses a manifest with bad rows before any row is paid, even without an earlier check", async () => {
  engine = await startEngine();
  await engine.addPhotos(2);
  const source = `${engine.root}in/team.csv`;
  await engine.source.put("team.csv", Buffer.from("source,mode\np00000.jpg,eco\np00001.jpg,turbo\n"));
  const record = await engine.ended(await engine.submit({ source }));
  expect(record).toMatchObject({ state: "failed", counts: { total: 0 } });
  expect(record.reason).toMatch(/team\.csv, line 3, mode: mode "turbo" is not known.*--skip-bad-rows/s);
  const refused = await fetch(`${engine.api.url}/v1/batches`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      rows: [{ source: "p00000.jpg" }, { source: "p00001.jpg", mode: "turbo" }],
      baseUrl: `${engine.root}in/`,
      destination: `${engine.root}out/`,
      recipe: { preset: "professional-polish", mode: "eco" },
    }),
  });
  expect(refused.status).toBe(400);
  expect(await refused.text()).toMatch(/manifest\.jsonl, line 2, mode/);
  expect(engine.twin.ledger().billed).toBe(0);
  const { counts } = await engine.ended(await engine.submit({ source, skipBadRows: true }));
  expect(counts).toMatchObject({ succeeded: 1, failed: 1 });
});

it("rejects a manifest with a typo in a column's name before anything is paid", async () => {
  engine = await startEngine();
  await engine.addPhotos(1);
  const source = `${engine.root}in/team.csv`;
  await engine.source.put("team.csv", Buffer.from("source,mdoe,team\np00000.jpg,eco,north\n"));
  const batch = await engine.submit({ source });
  await engine.ended(batch);
  const status: unknown = await (await fetch(`${engine.api.url}/v1/batches/${batch}`)).json();
  expect(status).toMatchObject({
    state: "failed",
    reason: expect.stringMatching(/team\.csv, line 1: the column "mdoe" is probably meant to be "mode"/) as string,
  });
  const refused = await fetch(`${engine.api.url}/v1/batches`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      rows: [{ source: "p00000.jpg", mdoe: "eco" }],
      baseUrl: `${engine.root}in/`,
      destination: `${engine.root}out/`,
      recipe: { preset: "professional-polish", mode: "eco" },
    }),
  });
  expect(refused.status).toBe(400);
  expect(await refused.text()).toMatch(/manifest\.jsonl, line 1: the column .* is probably meant to be/);
  expect(engine.twin.ledger().billed).toBe(0);
  const { counts, spec } = await engine.ended(await engine.submit({ source, carry: ["mdoe"] }));
  expect(counts).toMatchObject({ succeeded: 1 });
  expect((await engine.report(spec.id))[0]).toMatchObject({ mdoe: "eco", team: "north" });
});

it("ends a batch whose columns are named like properties of every object", async () => {
  engine = await startEngine();
  await engine.addPhotos(1);
  const rows: Submission["rows"] = [
    Object.fromEntries([
      ["source", "p00000.jpg"],
      ["constructor", "blue"],
      ["toString", "x"],
    ]),
    { source: "ftp://user:SECRET@photos.example/p.jpg?sig=SECRET" },
    { source: "data:image/png;base64,SECRET" },
    { source: "https://user:p/SECRET@photos.example/p.jpg?sig=SECRET" },
  ];
  const { spec, counts } = await engine.ended(
    await engine.submit({ rows, baseUrl: `${engine.root}in/`, skipBadRows: true }),
  );
  expect(counts).toMatchObject({ total: 4, succeeded: 1, failed: 3 });
  expect((await engine.report(spec.id))[0]).toMatchObject({ constructor: "blue", toString: "x" });
  const { reportCsv, reportJsonl, failuresCsv } = batchKeys(spec.id);
  for (const key of [reportCsv, reportJsonl, failuresCsv]) {
    const text = await readText(engine.results, key);
    expect(text).toContain("photos.example/p.jpg");
    expect(text).not.toContain("SECRET");
    expect(text).not.toContain("[native code]");
  }
  const portraits = await fetch(`${engine.api.url}/v1/batches/${spec.id}/portraits`);
  expect(await portraits.text()).not.toContain("SECRET");
});

it("does not pay for a portrait whose key is a folder's, or another portrait's file", async () => {
  engine = await startEngine();
  await engine.addPhotos(4);
  await engine.results.put("folder.jpg/notes.txt", Buffer.from("x"));
  await engine.results.put("file.jpg", Buffer.from("x"));
  const rows = [
    { source: "p00000.jpg", destination: "ana.jpg/front.jpg" },
    { source: "p00001.jpg", destination: "ana.jpg" },
    { source: "p00002.jpg", destination: "folder.jpg" },
    { source: "p00003.jpg", destination: "file.jpg/ana.jpg" },
  ];
  const { spec } = await engine.ended(await engine.submit({ rows, baseUrl: `${engine.root}in/`, skipBadRows: true }));
  const lines = await engine.report(spec.id);
  expect(lines.map(({ outcome }) => outcome)).toEqual(["ok", "invalid_row", "storage_error", "storage_error"]);
  expect(lines.map(({ billed }) => billed)).toEqual(["yes", "no", "no", "no"]);
  expect(lines[1]?.message).toContain("an earlier row");
  expect(lines[2]?.message).toContain("a folder of this name exists");
  expect(lines[3]?.message).toContain("a file is in the place of a folder that it needs");
  expect(engine.twin.ledger().billed).toBe(1);
});

it("fails malformed JSON lines, too", async () => {
  engine = await startEngine();
  await engine.addPhotos(1);
  const lines = [
    '{"source":"p00000.jpg","id":"x","team":"blue"}',
    "{nope",
    "[1]",
    '{"id":"y"}',
    '{"source":7}',
    '"text"',
  ];
  await engine.source.put("team.jsonl", Buffer.from(lines.join("\n")));
  const record = await engine.ended(await engine.submit({ source: `${engine.root}in/team.jsonl`, skipBadRows: true }));
  expect(record.counts).toMatchObject({ total: 6, succeeded: 1, failed: 5 });
  const report = await engine.report(record.spec.id);
  expect(report[0]).toMatchObject({ id: "x", outcome: "ok", team: "blue" });
  report.slice(1).forEach((line, place) => expect(line.message).toContain(`line ${place + 2}`));
});
