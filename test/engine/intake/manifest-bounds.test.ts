import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Quote } from "@darkroom/core";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
/** Another customer's photo, which Darkroom's credentials can read but the manifest's author may not. */
let foreign: string;
let fields: Readonly<Record<string, string>>;

beforeAll(async () => {
  engine = await startEngine({ store: "s3" });
  await engine.addPhotos(3, (index) => ["incoming/a.jpg", "gross/p1.jpg", "archive/c.jpg"][index] ?? "");
  foreign = `${engine.root}in/gross/p1.jpg`;
  fields = { baseUrl: `${engine.root}in/incoming/`, preset: "background-blur", mode: "eco", skipBadRows: "true" };
});
afterAll(async () => await engine.close());

async function post<T>(path: string, customer: string, manifest: string, more: object = {}): Promise<T> {
  const form = new FormData();
  const all = { ...fields, destination: `${engine.root}${customer}/`, ...more };
  for (const [name, value] of Object.entries(all)) form.append(name, String(value));
  form.append("manifest", new Blob([manifest]), "m.csv");
  const answer = await fetch(`${engine.api.url}${path}`, { method: "POST", body: form });
  const body: unknown = await answer.json();
  if (!answer.ok) throw new Error(JSON.stringify(body));
  return body as T;
}

async function delivered(customer: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of engine.openStore(`${engine.root}${customer}/`).list()) keys.push(key);
  return keys.filter((key) => !key.startsWith("_darkroom/"));
}

async function outcomes(batchId: string, customer: string): Promise<readonly (readonly [string, string, string])[]> {
  await engine.ended(batchId);
  const { body } = await engine.openStore(`${engine.root}${customer}/`).get(`_darkroom/${batchId}/report.jsonl`);
  const text = Buffer.concat(await body.toArray()).toString();
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, string>);
  return lines.map(({ id = "", outcome = "", message = "" }) => [id, outcome, message] as const);
}

/** Returns names by which an author might try to reference the foreign photo. */
function hostile(): readonly string[] {
  const [bucket = ""] = engine.root.slice("s3://".length).split("/");
  const path = foreign.slice(`s3://${bucket}/`.length);
  return [
    foreign,
    foreign.replace("s3:", "S3:"),
    "../gross/p1.jpg",
    `./${foreign}`,
    `${fields["baseUrl"]}../gross/p1.jpg`,
    `${fields["baseUrl"]}${foreign}`,
    `s3://${bucket}//${path}`,
    `s3://another-bucket/${path}`,
    "file:///etc/passwd",
    "./file:///etc/passwd",
  ];
}

describe("an inline manifest", () => {
  it("reaches no other customer's photo, in a quote and in a run", { timeout: 60_000 }, async () => {
    const rows = hostile().map((source, i) => `"${source}",evil-${i},evil-${i}.jpg`);
    const manifest = ["source,id,destination", ...rows, "a.jpg,own,own.jpg"].join("\n");
    const quote = await post<Quote>("/v1/quotes", "kunde-b", manifest);
    expect(quote).toMatchObject({ goodRows: 1, badRows: rows.length, sample: { looked: 1, missing: 0 } });
    expect(quote.firstBadRows.map(({ line, field }) => [line, field])).toEqual(rows.map((_, i) => [i + 2, "source"]));
    expect(quote.firstBadRows[0]?.message).toMatch(/outside of the batch's base.*submit with another baseUrl/);

    const { id } = await post<{ id: string }>("/v1/batches", "kunde-b", manifest);
    const ended = await outcomes(id, "kunde-b");
    expect(ended.filter(([, outcome]) => outcome !== "invalid_row").map(([name, outcome]) => [name, outcome])).toEqual([
      ["own", "ok"],
    ]);
    expect(ended).toHaveLength(rows.length + 1);
    expect(await delivered("kunde-b")).toEqual(["own.jpg"]);
  });

  it("treats an encoded .. as a name and finds nothing there", async () => {
    const manifest = `source\n%2e%2e/gross/p1.jpg\n${fields["baseUrl"]}%2e%2e/gross/p1.jpg?\n..%2fgross/p1.jpg`;
    const { id } = await post<{ id: string }>("/v1/batches", "kunde-c", manifest);
    expect((await outcomes(id, "kunde-c")).map(([, outcome]) => outcome)).toEqual(Array(3).fill("source_missing"));
    expect(await delivered("kunde-c")).toEqual([]);
  });

  it(
    "may name the stores that the submitter allows in addition to the base; the quote reports them",
    { timeout: 60_000 },
    async () => {
      const archive = `${engine.root}in/archive/`;
      const manifest = `source,id\n${archive}c.jpg,old\n${foreign},evil\n`;
      const more = { manifestSources: JSON.stringify([archive]) };
      const quote = await post<Quote>("/v1/quotes", "kunde-d", manifest, more);
      expect(quote).toMatchObject({ goodRows: 1, badRows: 1 });
      expect(quote.warnings).toContainEqual(expect.stringMatching(/^1 row names a photo outside of the base.*c\.jpg/));
      const { id } = await post<{ id: string }>("/v1/batches", "kunde-d", manifest, more);
      expect((await outcomes(id, "kunde-d")).map(([name, outcome]) => [name, outcome])).toEqual([
        ["old", "ok"],
        ["evil", "invalid_row"],
      ]);
    },
  );

  it("reaches by https:// neither the store nor the API in their private network", { timeout: 60_000 }, async () => {
    const s3 = new URL(engine.env["AWS_ENDPOINT_URL_S3"] ?? "");
    const api = new URL(engine.api.url);
    const path = foreign.slice("s3://".length);
    const named = [
      `https://${s3.host}/${path}`,
      `https://localhost:${s3.port}/${path}`,
      `https://[::ffff:7f00:1]:${s3.port}/${path}`,
      `https://2130706433:${s3.port}/${path}`,
      `https://${api.host}/files/token/p1.jpg`,
      `https://localhost:${api.port}/v1/batches`,
    ];
    const before = engine.twin.ledger().billed;
    const manifest = ["source,id,destination", ...named.map((url, i) => `${url},${i},${i}.jpg`)].join("\n");
    const { id } = await post<{ id: string }>("/v1/batches", "kunde-h", manifest);
    const ended = await outcomes(id, "kunde-h");
    expect(ended.map(([, outcome]) => outcome)).toEqual(named.map(() => "source_not_allowed"));
    for (const [, , message] of ended) expect(message).toMatch(/is in a private network/);
    expect(engine.twin.ledger().billed).toBe(before);
    expect(await delivered("kunde-h")).toEqual([]);
  });

  it("names no store without a base, and is rejected as a whole", async () => {
    const manifest = `source\n${foreign}\n`;
    const { baseUrl: _, ...rest } = fields;
    fields = rest;
    await expect(post("/v1/batches", "kunde-e", manifest)).rejects.toThrow(/"field":"baseUrl"/);
    fields = { ...rest, baseUrl: `${engine.root}in/incoming/` };
  });
});

it("a stored manifest names its own folder and the base, regardless of its author", async () => {
  const list = `source,id\n${engine.root}in/incoming/a.jpg,own\n${foreign},evil\n`;
  await engine.source.put("incoming/list.csv", Buffer.from(list));
  const destination = `${engine.root}kunde-f/`;
  const id = await engine.submit({ source: `${engine.root}in/incoming/list.csv`, destination, skipBadRows: true });
  expect((await outcomes(id, "kunde-f")).map(([name, outcome]) => [name, outcome])).toEqual([
    ["own", "ok"],
    ["evil", "invalid_row"],
  ]);
});

it("treats a key in a prefix that looks like another location as a key", async () => {
  await engine.source.put(`named/${foreign}`, Buffer.from("anything"));
  const destination = `${engine.root}kunde-g/`;
  const id = await engine.submit({ source: `${engine.root}in/named/`, destination });
  expect(await outcomes(id, "kunde-g")).toMatchObject([
    [expect.anything(), "invalid_row", expect.stringMatching(/looks like a URL/)],
  ]);
  expect(await delivered("kunde-g")).toEqual([]);
});
