import { MAX_PROMPT_CHARS, type RejectedRow, type SnapshotRow } from "@darkroom/core";
import { describe, expect, it } from "vitest";
import { MAX_ID_CHARS, MAX_PROFILE_IDS } from "../src/index.ts";
import { manifestRows, type Wishes } from "./fixture.ts";

interface BadRow {
  readonly what: string;
  /** The row between two valid ones, by column. */
  readonly row: Readonly<Record<string, string>>;
  readonly field: string;
  readonly words: string;
  readonly wishes?: Wishes;
}

const long = (chars: number): string => "x".repeat(chars);
const profiles = Array.from({ length: MAX_PROFILE_IDS + 1 }, (_, i) => `prof-${i}`).join("|");

/** Mistakes that are possible in any format. The valid rows around them are `first.jpg` and `last.jpg`. */
const BAD_ROWS: readonly BadRow[] = [
  { what: "no source", row: { id: "p-1" }, field: "source", words: "has no source" },
  { what: "a blank source", row: { source: "  ", id: "p-1" }, field: "source", words: "source is blank" },
  { what: "a source with ..", row: { source: "../other/a.jpg" }, field: "source", words: "leave its folder" },
  { what: "a source with .. inside", row: { source: "a/../../b.jpg" }, field: "source", words: "leave its folder" },
  { what: "an S3 source with ..", row: { source: "s3://team/a/../b.jpg" }, field: "source", words: "leave its folder" },
  { what: "a source with backslashes", row: { source: "team\\a.jpg" }, field: "source", words: "write / between" },
  { what: "an absolute path", row: { source: "/home/jane/a.jpg" }, field: "source", words: "absolute path" },
  { what: "a number for a word", row: { source: "a.jpg", intensity: "0,8" }, field: "intensity", words: "is a number" },
  { what: "a Windows path", row: { source: "C:\\photos\\a.jpg" }, field: "source", words: "a path on your computer" },
  { what: "a path of a file server", row: { source: "\\\\nas\\a.jpg" }, field: "source", words: "on your computer" },
  { what: "a folder as source", row: { source: "team/" }, field: "source", words: "names a folder" },
  { what: "a line break in the source", row: { source: "a.jpg\nb.jpg" }, field: "source", words: "line break" },
  { what: "a control character in the source", row: { source: "a\u0007.jpg" }, field: "source", words: "control" },
  { what: "a source that is too long", row: { source: `${long(1_030)}.jpg` }, field: "source", words: "1024 bytes" },
  { what: "http://", row: { source: "http://photos.example/a.jpg" }, field: "source", words: "use https://" },
  {
    what: "http:// of a private network",
    row: { source: "http://192.168.1.2/a.jpg" },
    field: "source",
    words: "private",
  },
  { what: "ftp://", row: { source: "ftp://photos.example/a.jpg" }, field: "source", words: '"ftp"' },
  { what: "a data: URL", row: { source: "data:image/png;base64,AAAA" }, field: "source", words: '"data"' },
  { what: "an unknown scheme", row: { source: "gs://bucket/a.jpg" }, field: "source", words: '"gs"' },
  { what: "a malformed URL", row: { source: "https://exa mple/a.jpg" }, field: "source", words: "not a valid URL" },
  { what: "a URL without a host", row: { source: "https:///a.jpg" }, field: "source", words: "not a valid URL" },
  {
    what: "credentials in a URL",
    row: { source: "https://jane:pw@h.example/a.jpg" },
    field: "source",
    words: "password",
  },
  { what: "an S3 URL without a key", row: { source: "s3://bucket/" }, field: "source", words: "s3://bucket/key" },
  {
    what: "a local file from elsewhere",
    row: { source: "file:///etc/passwd" },
    field: "source",
    words: "outside of the batch",
  },
  { what: "another prefix", row: { source: "s3://team/gross/a.jpg" }, field: "source", words: "outside of the batch" },
  {
    what: "a key that looks like a URL",
    row: { source: "./s3://team/gross/a.jpg" },
    field: "source",
    words: "looks like a URL",
  },
  { what: "an unknown preset", row: { source: "a.jpg", preset: "glow" }, field: "preset", words: "skin-smoothing" },
  { what: "an unknown mode", row: { source: "a.jpg", mode: "turbo" }, field: "mode", words: "max, eco" },
  { what: "an unknown intensity", row: { source: "a.jpg", intensity: "11" }, field: "intensity", words: "subtle" },
  { what: "a blank prompt", row: { source: "a.jpg", prompt: "  " }, field: "prompt", words: "blank" },
  {
    what: "a prompt that is too long",
    row: { source: "a.jpg", prompt: long(MAX_PROMPT_CHARS + 1) },
    field: "prompt",
    words: String(MAX_PROMPT_CHARS),
  },
  {
    what: "a prompt and a preset",
    row: { source: "a.jpg", prompt: "warmer", preset: "skin-smoothing" },
    field: "prompt",
    words: "keep one",
  },
  {
    what: "an id that is taken",
    row: { source: "a.jpg", id: "first.jpg" },
    field: "id",
    words: 'already has the id "first.jpg"',
  },
  {
    what: "an id that is too long",
    row: { source: "a.jpg", id: long(MAX_ID_CHARS + 1) },
    field: "id",
    words: "shorten",
  },
  { what: "a control character in the id", row: { source: "a.jpg", id: "p\u00011" }, field: "id", words: "control" },
  { what: "a photo that is there already", row: { source: "first.jpg" }, field: "source", words: "already" },
  {
    what: "a destination that is taken",
    row: { source: "a.jpg", destination: "first.jpg" },
    field: "destination",
    words: 'already goes to "first.jpg"',
  },
  {
    what: "a destination that is taken in other case, in a local folder",
    row: { source: "a.jpg", destination: "FIRST.JPG" },
    field: "destination",
    words: "already",
    wishes: { foldCase: true },
  },
  {
    what: "a destination with ..",
    row: { source: "a.jpg", destination: "../a.jpg" },
    field: "destination",
    words: "..",
  },
  {
    what: "an absolute destination",
    row: { source: "a.jpg", destination: "/a.jpg" },
    field: "destination",
    words: "/",
  },
  {
    what: "a backslash destination",
    row: { source: "a.jpg", destination: "a\\b" },
    field: "destination",
    words: "use /",
  },
  {
    what: "a folder as destination",
    row: { source: "a.jpg", destination: "a/" },
    field: "destination",
    words: "ends with /",
  },
  {
    what: "a control character",
    row: { source: "a.jpg", destination: "a\tb" },
    field: "destination",
    words: "control",
  },
  {
    what: "our own folder",
    row: { source: "a.jpg", destination: "_darkroom/a" },
    field: "destination",
    words: "reserved",
  },
  {
    what: "a destination that is too long",
    row: { source: "a.jpg", destination: long(1_025) },
    field: "destination",
    words: "longer than 1024",
  },
  {
    what: "a link without a file name",
    row: { source: "https://photos.example/" },
    field: "destination",
    words: "no file name",
  },
  {
    what: "a blank template column",
    row: { source: "a.jpg", team: "" },
    field: "destination",
    words: "{team}",
    wishes: { template: "{team}/{name}" },
  },
  {
    what: "profile ids of separators only",
    row: { source: "a.jpg", profile_ids: "|;" },
    field: "profile_ids",
    words: "no id",
  },
  {
    what: "too many profile ids",
    row: { source: "a.jpg", profile_ids: profiles },
    field: "profile_ids",
    words: "the maximum is",
  },
  {
    what: "a profile id that is too long",
    row: { source: "a.jpg", profile_ids: long(201) },
    field: "profile_ids",
    words: "too long",
  },
  {
    what: "a control character in a profile id",
    row: { source: "a.jpg", profile_ids: "a\u0001b" },
    field: "profile_ids",
    words: "not text",
  },
];

const FIRST = { source: "first.jpg", team: "sales" };
const LAST = { source: "last.jpg", team: "sales" };

function csvOf(rows: readonly Readonly<Record<string, string>>[]): string {
  const columns = ["source", "id", "destination", "profile_ids", "prompt", "preset", "mode", "intensity", "team"];
  const cells = rows.map((row) => columns.map((column) => `"${(row[column] ?? "").replaceAll('"', '""')}"`).join(","));
  return [columns.join(","), ...cells].join("\r\n");
}

function jsonlOf(rows: readonly Readonly<Record<string, string>>[]): string {
  return rows.map((row) => JSON.stringify(row)).join("\n");
}

/** Returns the only rejected row, between two accepted ones. */
function onlyMiddleRejected(rows: readonly SnapshotRow[]): RejectedRow {
  expect(rows.map((row) => [row.index, "rejected" in row])).toEqual([
    [0, false],
    [1, true],
    [2, false],
  ]);
  const bad = rows[1];
  if (bad === undefined || !("rejected" in bad)) throw new Error("the row was accepted");
  return bad;
}

describe.each(BAD_ROWS)("a row with $what", ({ row, field, words, wishes }) => {
  const rows = [FIRST, row, LAST];

  it.each([
    ["csv", csvOf(rows), 3],
    ["jsonl", jsonlOf(rows), 2],
  ] as const)(
    "is rejected with its line, its column and a message, and costs no other row (%s)",
    async (format, text, line) => {
      const bad = onlyMiddleRejected(await manifestRows(format, text, wishes));
      expect(bad).toMatchObject({ index: 1, rejected: { line, field, message: expect.stringContaining(words) } });
      expect(JSON.stringify(bad)).not.toContain("jane:pw");
    },
  );
});

describe("a CSV row", () => {
  const around = (bad: string): string => `source,id\nfirst.jpg,1\n${bad}\nlast.jpg,3\n`;

  it.each([
    ["more columns than the header", "Doe, Jane.jpg,2", "3 columns and the header has 2"],
    ["text behind a closing quote", '"a.jpg"x,2', "not closed properly"],
    ["an unclosed quote", '"a.jpg,2', "not closed properly"],
  ])("with %s is rejected and costs no other row", async (_, bad, words) => {
    const { rejected } = onlyMiddleRejected(await manifestRows("csv", around(bad)));
    expect(rejected).toEqual({ line: 3, message: expect.stringContaining(words) });
  });

  it("with a quote that is still open at the end of the file is rejected", async () => {
    const rows = await manifestRows("csv", 'source,id\nfirst.jpg,1\n"last.jpg,2');
    expect(rows).toMatchObject([
      { id: "1" },
      { rejected: { line: 3, message: expect.stringContaining("not closed") } },
    ]);
  });

  it("in an unknown character set is rejected with the way to save it", async () => {
    // MacRoman's ü, which would be Ÿ in Windows-1252.
    const rows = await manifestRows("csv", Buffer.from(around("M\x9fller.jpg,2"), "latin1"));
    const { rejected } = onlyMiddleRejected(rows);
    expect(rejected).toEqual({ line: 3, message: expect.stringContaining("CSV UTF-8") });
  });

  it("below a quoted line break is reported by its physical line", async () => {
    const rows = await manifestRows("csv", 'source,note\r\nfirst.jpg,"one\r\ntwo"\r\n../a.jpg,\r\nlast.jpg,\r\n');
    expect(onlyMiddleRejected(rows).rejected).toMatchObject({ line: 4, field: "source" });
  });
});

describe("a JSONL row", () => {
  const around = (bad: string | Buffer): Buffer =>
    Buffer.concat([
      Buffer.from('{"source":"first.jpg"}\n\n'),
      Buffer.from(bad),
      Buffer.from('\n{"source":"last.jpg"}\n'),
    ]);

  it.each([
    ["invalid JSON", '{"source": "a.jpg"', undefined, "not valid JSON"],
    ["an array in place of an object", '["a.jpg"]', undefined, "not a JSON object"],
    ["null in place of an object", "null", undefined, "not a JSON object"],
    ["a number as source", '{"source": 7}', "source", "source is a number"],
    ["an array as source", '{"source": ["a.jpg"]}', "source", "source is an array"],
    ["null as source", '{"source": null}', "source", "has no source"],
    ["an object as prompt", '{"source": "a.jpg", "prompt": {"text": "x"}}', "prompt", "prompt is an object"],
    ["a profile id that is no text", '{"source": "a.jpg", "profile_ids": [{}]}', "profile_ids", "not text"],
    ["a blank profile id", '{"source": "a.jpg", "profile_ids": ["a", ""]}', "profile_ids", "must not be blank"],
    ["a space in a profile id", '{"source": "a.jpg", "profile_ids": ["a b"]}', "profile_ids", "contain a space"],
    ["half of a surrogate pair", '{"source": "a\\ud800.jpg"}', "source", "half of a character"],
    ["bytes that are no UTF-8", Buffer.from('{"source": "Zo\xeb.jpg"}', "latin1"), undefined, "not UTF-8"],
    ["a line of more than a megabyte", JSON.stringify({ source: long(1_100_000) }), undefined, "longer than"],
  ])("with %s is rejected and costs no other row", async (_, bad, field, words) => {
    const { rejected } = onlyMiddleRejected(await manifestRows("jsonl", around(bad)));
    expect(rejected).toMatchObject({ line: 3, message: expect.stringContaining(words) });
    expect(rejected.field).toBe(field);
  });
});

it("a rejected row reserves neither its id nor its destination", async () => {
  const text = "source,id,destination,mode\na.jpg,1,out.jpg,turbo\nb.jpg,1,out.jpg,eco\n";
  expect(await manifestRows("csv", text)).toMatchObject([
    { index: 0, id: "1", source: "a.jpg", rejected: { field: "mode" } },
    { index: 1, id: "1", source: "b.jpg", destination: "out.jpg", mode: "eco" },
  ]);
});

it("a rejected row never has the id of an accepted row, whatever it is rejected for", async () => {
  const csv = "source,id,mode\na.jpg,1,\nb.jpg,1,\nc.jpg,1,turbo\nd.jpg,2,turbo\na.jpg,,\ne.jpg,,\n./e.jpg,,\n";
  const rows = await manifestRows("csv", csv);
  expect(rows.map(({ id, source }) => [id, source])).toEqual([
    ["1", "a.jpg"],
    [undefined, "b.jpg"],
    [undefined, "c.jpg"],
    ["2", "d.jpg"],
    ["a.jpg", "a.jpg"],
    ["e.jpg", "e.jpg"],
    [undefined, "e.jpg"],
  ]);
  expect(rows[1]).toMatchObject({
    rejected: {
      line: 3,
      message: 'an earlier row (team.csv, line 2: "a.jpg") already has the id "1"; give this row its own id',
    },
  });
});

it("a row that repeats an earlier one names it, and names its photo like a good row", async () => {
  const csv =
    "source,id,destination\na.jpg,1,a.jpg\n./a.jpg,2,a.jpg\nb.jpg,1,b.jpg\nc.jpg,,c.jpg\n./c.jpg,,d.jpg\n../x.jpg,,\n";
  const rows = await manifestRows("csv", csv);
  expect(rows.map((row) => [row.source, "rejected" in row ? row.rejected.repeats : "accepted"])).toEqual([
    ["a.jpg", "accepted"],
    ["a.jpg", "destination"],
    ["b.jpg", "id"],
    ["c.jpg", "accepted"],
    ["c.jpg", "source"],
    ["../x.jpg", undefined],
  ]);
});

it("reports all faults of a row at once", async () => {
  const csv = "source,id,preset,mode,Intensität\n../a.jpg,,glow,turbo,huge\n";
  expect(await manifestRows("csv", csv)).toMatchObject([
    {
      rejected: {
        field: "source",
        message: expect.stringMatching(
          /^source contains \.\. .*; also preset: preset "glow" .*; also mode: mode "turbo" .*; also Intensität: intensity "huge" /,
        ),
      },
    },
  ]);
});

it("names the row that already has a result's name, and the name as each row writes it", async () => {
  const csv =
    "source,destination\na.jpg,X/One.jpg\n\nb.jpg,x/one.jpg\nc.jpg,X/One.jpg\nd.jpg,Team.jpg/D.jpg\ne.jpg,Team.jpg\nf.jpg,X/One.jpg/f.jpg\n";
  const rows = await manifestRows("csv", csv, { foldCase: true });
  const messages = rows.map((row) => ("rejected" in row ? row.rejected.message.split(";")[0] : undefined));
  expect(messages).toEqual([
    undefined,
    'an earlier row (team.csv, line 2: "a.jpg") already goes to "X/One.jpg", which is the same name as "x/one.jpg" there',
    'an earlier row (team.csv, line 2: "a.jpg") already goes to "X/One.jpg"',
    undefined,
    'an earlier row makes "Team.jpg" a file but this row needs a folder there, or the reverse',
    'an earlier row (team.csv, line 2: "a.jpg") makes "X/One.jpg" a file but this row needs a folder there, or the reverse',
  ]);
});
