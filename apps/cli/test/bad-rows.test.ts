import { afterEach, expect, it } from "vitest";
import { startEngine, type Engine } from "./engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

/** Each a row that cannot be accepted, and what its message must name. */
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
  ["file:///etc/passwd;file;;;;", /file|folder/],
];

it("makes each of 20 kinds of malformed rows a failed portrait with line and reason, and enhances the rest", async () => {
  engine = await startEngine({ store: "s3" });
  await engine.addPhotos(3);
  const good = ["p00000.jpg;good-0;a.jpg;;;", "p00001.jpg;good-1;same.jpg;;;", "p00002.jpg;good-2;;;;"];
  const rows = [...good, ...BAD_CSV.map(([row]) => row)];
  await engine.source.put("team.csv", Buffer.from(`source;id;destination;preset;mode;intensity\n${rows.join("\n")}\n`));
  const record = await engine.ended(await engine.submit({ source: `${engine.root}in/team.csv` }));
  const lines = await engine.report(record.spec.id);
  expect(lines.slice(0, 3).map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
  BAD_CSV.forEach(([row, message], place) => {
    const line = lines[place + 3];
    expect(line?.outcome, row).toBe("invalid_row");
    expect(line?.billed, row).toBe("no");
    expect(line?.message, row).toContain(`line ${place + 5}`);
    expect(line?.message, row).toMatch(message);
  });
  expect(record.counts).toMatchObject({ total: 23, succeeded: 3, failed: 20 });
  expect(engine.twin.ledger().billed).toBe(3);
});

it("makes malformed JSON lines failed portraits too", async () => {
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
  const record = await engine.ended(await engine.submit({ source: `${engine.root}in/team.jsonl` }));
  expect(record.counts).toMatchObject({ total: 6, succeeded: 1, failed: 5 });
  const report = await engine.report(record.spec.id);
  expect(report[0]).toMatchObject({ id: "x", outcome: "ok", team: "blue" });
  report.slice(1).forEach((line, place) => expect(line.message).toContain(`line ${place + 2}`));
});
