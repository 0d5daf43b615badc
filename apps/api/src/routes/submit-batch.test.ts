import { execFile } from "node:child_process";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { batchKeys } from "@darkroom/core";
import { json, testApi, type Answer, type TestApi } from "../../test/test-api.ts";

const run = promisify(execFile);
const hasCurl = await run("curl", ["--version"]).then(
  () => true,
  () => false,
);
if (!hasCurl) console.warn("curl is not installed: the tests that run it are left out");

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await api.stores.open(api.folderUrl("in")).put("p0.jpg", Buffer.from("a photo"));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const recipe = { preset: "skin-smoothing", mode: "eco" };

function form(
  fields: Readonly<Record<string, string>>,
  file?: { body: string; name: string; type?: string },
): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  if (file !== undefined) data.append("manifest", new Blob([file.body], { type: file.type ?? "" }), file.name);
  return data;
}

async function storedManifest(folder: string, id: string, format: "csv" | "jsonl"): Promise<string> {
  const { body } = await api.stores.open(api.folderUrl(folder)).get(batchKeys(id).manifest(format));
  return await text(body);
}

function idOf(answer: Answer): string {
  expect(answer).toMatchObject({ status: 201 });
  return String(answer.body["id"]);
}

test("accepts a submission of a prefix, and returns its URL", async () => {
  const answer = await api.call(
    "/v1/batches",
    json({ name: "Team", source: api.folderUrl("in"), destination: api.folderUrl("prefix"), recipe }),
  );
  const id = idOf(answer);
  expect(answer.headers.get("location")).toBe(`/v1/batches/${id}`);
  expect(answer.body).toMatchObject({ name: "Team", state: "ingesting", ingested: false, counts: { total: 0 } });
  expect(await api.call(`/v1/batches/${id}`)).toMatchObject({ status: 200, body: { id } });
  expect((await api.ledger.read(id))?.spec).toMatchObject({
    source: { kind: "prefix", url: api.folderUrl("in") },
    recipe: { provider: "each-sense", mode: "eco", intensity: "subtle" },
  });
});

test("accepts rows in the body", async () => {
  const rows = [
    { id: "a", source: "a.jpg" },
    { id: "b", source: "b.jpg", team: "blue" },
  ];
  const submission = { rows, baseUrl: api.folderUrl("in"), destination: api.folderUrl("rows"), recipe };
  const id = idOf(await api.call("/v1/batches", json(submission)));
  expect(await storedManifest("rows", id, "jsonl")).toBe(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
});

test.each([
  [{}, "destination"],
  [{ destination: "s3://bucket/", recipe: { preset: "skin-smoothing" }, source: "s3://bucket/in/" }, "recipe.mode"],
  [{ destination: "s3://bucket/", recipe: { mode: "eco" }, source: "s3://bucket/in/" }, "recipe.preset"],
  [{ destination: "s3://bucket/", recipe, source: "s3://bucket/in/", colour: "red" }, "colour"],
  [{ destination: "s3://bucket/", recipe }, "source"],
  [{ destination: "out", recipe, source: "s3://bucket/in/" }, "destination"],
  [
    { destination: "s3://bucket/", recipe: { ...recipe, provider: "phota" }, source: "s3://bucket/in/" },
    "recipe.provider",
  ],
  [{ destination: "s3://bucket/", recipe, source: "s3://bucket/in/", lane: "other" }, "lane"],
])("rejects an incomplete submission: %o", async (submission, field) => {
  const { status, headers, body } = await api.call("/v1/batches", json(submission));
  expect(status).toBe(400);
  expect(headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({ status: 400, code: "invalid_input", field, title: expect.any(String) });
});

test.each([
  [
    { dest: "s3://bucket/", source: "s3://bucket/in/", recipe },
    "destination",
    /there is no field "dest" \(did you mean destination\?\)/,
  ],
  [{ destination: "s3://b/", source: "s3://b/in/", recipe, maxCostUSD: 1 }, "maxCostUSD", /did you mean maxCostUsd\?/],
  [
    { destination: "s3://b/", source: "s3://b/in/", recipe: { preset: "skin-smoothing", modus: "eco" } },
    "recipe.modus",
    /there is no field "modus" \(did you mean mode\?\)/,
  ],
])("names unknown fields of a body with a suggestion: %o", async (submission, field, detail) => {
  const { status, body } = await api.call("/v1/batches", json(submission));
  expect({ status, field: body["field"] }).toEqual({ status: 400, field });
  expect(body["detail"]).toMatch(detail);
});

test("names the supported content types for a body of another one", async () => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { status, body } = await api.call("/v1/batches", { method: "POST", headers, body: "{}" });
  expect(status).toBe(415);
  expect(body["detail"]).toMatch(/application\/json .*multipart\/form-data/);
});

test("rejects a name with terminal control characters", async () => {
  const places = { source: api.folderUrl("in"), destination: api.folderUrl("out") };
  for (const name of ["\u001b]0;x\u0007", "a\u009b2J", "a\u0000b"]) {
    const { status, body } = await api.call("/v1/batches", json({ ...places, name, recipe }));
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: "invalid_input", field: "name" });
  }
});

test("rejects a destination among Darkroom's own files", async () => {
  const destination = api.folderUrl("out/_darkroom/somebody");
  const answer = await api.call("/v1/batches", json({ source: api.folderUrl("in"), destination, recipe }));
  expect(answer).toMatchObject({
    status: 400,
    body: { field: "destination", detail: expect.stringContaining("_darkroom") },
  });
});

test("rejects folders that are not allowed", async () => {
  for (const place of [
    { source: "file:///etc/", destination: api.folderUrl("out") },
    { source: api.folderUrl("in"), destination: "file:///etc/" },
    { source: api.folderUrl("in"), destination: `${api.folderUrl("out")}../../../../../../etc/` },
  ]) {
    const { status, body } = await api.call("/v1/batches", json({ ...place, recipe }));
    expect(status).toBe(403);
    expect(body).toMatchObject({ code: "storage_denied" });
  }
});

test.each([
  ["text that is no JSON", { headers: { "content-type": "application/json" }, body: "{" }, 400],
  ["a form without a boundary", { headers: { "content-type": "multipart/form-data" }, body: "hello" }, 400],
  ["a form without its end", { headers: { "content-type": "multipart/form-data; boundary=x" }, body: "--x\r\n" }, 400],
  ["another kind of body", { headers: { "content-type": "text/plain" }, body: "hello" }, 415],
  ["no body", {}, 400],
  ["too long a body", json({ destination: "x".repeat(2 * 1_024 * 1_024) }), 413],
])("rejects %s", async (_, init: RequestInit, status) => {
  const answer = await api.call("/v1/batches", { method: "POST", ...init });
  expect(answer).toMatchObject({ status, body: { status, code: "invalid_input" } });
});

test("streams an uploaded manifest to the destination", async () => {
  const lines = "source,team\n" + Array.from({ length: 50_000 }, (_, i) => `photo-${i}.jpg,blue\n`).join("");
  const places = { destination: api.folderUrl("upload"), baseUrl: api.folderUrl("in") };
  const fields = { ...places, preset: "teeth-whitening", mode: "max", name: "Upload" };
  const answer = await api.call("/v1/batches", {
    method: "POST",
    body: form(fields, { body: lines, name: "team.csv" }),
  });
  const id = idOf(answer);
  expect(answer.body).toMatchObject({ name: "Upload" });
  expect(await storedManifest("upload", id, "csv")).toBe(lines);
  expect((await api.ledger.read(id))?.spec).toMatchObject({
    source: { kind: "manifest", format: "csv" },
    recipe: { steps: [{ preset: "teeth-whitening" }], mode: "max" },
  });
});

test("accepts a whole submission as one field, and takes the format from the file's type", async () => {
  const places = { destination: api.folderUrl("json-field"), baseUrl: api.folderUrl("in") };
  const submission = JSON.stringify({ ...places, recipe });
  const body = form({ submission }, { body: '{"source":"a.jpg"}\n', name: "rows", type: "application/x-ndjson" });
  const id = idOf(await api.call("/v1/batches", { method: "POST", body }));
  expect(await storedManifest("json-field", id, "jsonl")).toBe('{"source":"a.jpg"}\n');
});

test.each([
  ["team.csv", "csv", "source\na.jpg\n"],
  ["TEAM.CSV", "csv", "source\na.jpg\n"],
  ["team.jsonl", "jsonl", '{"source":"a.jpg"}\n'],
] as const)("uses the name of %s if its type is inconclusive", async (name, format, lines) => {
  const submission = JSON.stringify({
    destination: api.folderUrl(`octets-${name}`),
    baseUrl: api.folderUrl("in"),
    recipe,
  });
  const body = form({ submission }, { body: lines, name, type: "application/octet-stream" });
  const id = idOf(await api.call("/v1/batches", { method: "POST", body }));
  expect(await storedManifest(`octets-${name}`, id, format)).toBe(lines);
});

test.each([
  [{ destination: "s3://b/", preset: "skin-smoothing" }, "mode", "fields must come before the file"],
  [{ destination: "s3://b/", preset: "skin-smoothing", mode: "fast" }, "mode", "eco"],
  [{ destination: "s3://b/", preset: "skin-smoothing", mode: "eco", size: "big" }, "size", "no such field"],
  [{ submission: "{", mode: "eco" }, "mode", "not both"],
  [{ submission: "{" }, "submission", "not JSON"],
])("rejects a form with invalid fields: %o", async (fields, field, detail) => {
  const body = form(fields, { body: "source\na.jpg\n", name: "team.csv" });
  const answer = await api.call("/v1/batches", { method: "POST", body });
  expect(answer).toMatchObject({ status: 400, body: { field, detail: expect.stringContaining(detail) } });
});

test.each([
  ["no row", "source,id\n", "source", "no rows"],
  ["nothing in it", "", "source", "the manifest is empty"],
  ["relative sources and no base", "source\na.jpg\nb.jpg", "baseUrl", "give baseUrl"],
])("rejects an upload with %s, and stores nothing of it", async (_, content, field, detail) => {
  const before = await api.ledger.listBatches(1);
  const fields = { destination: api.folderUrl("no-rows"), preset: "skin-smoothing", mode: "eco" };
  const body = form(fields, { body: content, name: "team.csv" });
  const answer = await api.call("/v1/batches", { method: "POST", body });
  expect(answer).toMatchObject({ status: 400, body: { field, detail: expect.stringContaining(detail) } });
  expect(await api.ledger.listBatches(1)).toEqual(before);
});

test("rejects a field after the file, and accepts nothing", async () => {
  const before = await api.ledger.listBatches(1);
  const body = form(
    { destination: api.folderUrl("late"), preset: "skin-smoothing", mode: "eco" },
    { body: "source\na.jpg\n", name: "a.csv" },
  );
  body.append("name", "late");
  const answer = await api.call("/v1/batches", { method: "POST", body });
  expect(answer).toMatchObject({
    status: 400,
    body: { field: "name", detail: expect.stringContaining("before the manifest") },
  });
  expect(await api.ledger.listBatches(1)).toEqual(before);
  await expect(stat(join(api.folder, "late", "_darkroom"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("rejects a file field of another name or unknown type", async () => {
  const wrongName = form({ destination: api.folderUrl("x"), preset: "skin-smoothing", mode: "eco" });
  wrongName.append("file", new Blob(["source\n"]), "team.csv");
  expect(await api.call("/v1/batches", { method: "POST", body: wrongName })).toMatchObject({
    status: 400,
    body: { field: "file" },
  });
  const noKind = form(
    { destination: api.folderUrl("x"), preset: "skin-smoothing", mode: "eco" },
    { body: "source\n", name: "team.xlsx" },
  );
  expect(await api.call("/v1/batches", { method: "POST", body: noKind })).toMatchObject({
    status: 400,
    body: { field: "manifest" },
  });
});

test.runIf(hasCurl)("works with curl as documented", async () => {
  const manifest = join(api.folder, "team.csv");
  await writeFile(manifest, "source\na.jpg\n");
  const fields = [
    `destination=${api.folderUrl("curl")}`,
    `baseUrl=${api.folderUrl("in")}`,
    "preset=background-blur",
    "mode=eco",
    `manifest=@${manifest}`,
  ];
  const options = fields.flatMap((field) => ["-F", field]);
  const { stdout } = await run("curl", [
    "--silent",
    "--show-error",
    "--fail-with-body",
    ...options,
    `${api.url}/v1/batches`,
  ]);
  const { id } = JSON.parse(stdout) as { id: string };
  expect(await storedManifest("curl", id, "csv")).toBe("source\na.jpg\n");
});

test("repeats the answer to a repeated Idempotency-Key instead of accepting twice", async () => {
  const submission = { source: api.folderUrl("in"), destination: api.folderUrl("once"), recipe };
  const headers = { "idempotency-key": "order 1" };
  const id = idOf(await api.call("/v1/batches", json(submission, headers)));
  const again = await api.call("/v1/batches", json(submission, headers));
  expect(again).toMatchObject({ status: 200, body: { id } });
  expect(again.headers.get("location")).toBe(`/v1/batches/${id}`);
  const other = await api.call("/v1/batches", json({ ...submission, name: "other" }, headers));
  expect(other).toMatchObject({
    status: 422,
    body: { field: "Idempotency-Key", detail: expect.stringContaining("another request") },
  });
});

test("rejects another uploaded manifest under an Idempotency-Key, and recognizes the same one", async () => {
  const fields = {
    destination: api.folderUrl("upload-once"),
    baseUrl: api.folderUrl("in"),
    preset: "skin-smoothing",
    mode: "eco",
  };
  const send = (body: string) =>
    api.call("/v1/batches", {
      method: "POST",
      body: form(fields, { body, name: "team.csv" }),
      headers: { "idempotency-key": "order 2" },
    });
  const id = idOf(await send("source\na.jpg\n"));
  expect(await send("source\nb.jpg\n")).toMatchObject({
    status: 422,
    body: { field: "Idempotency-Key", detail: expect.stringContaining("another request") },
  });
  expect(await send("source\na.jpg\n")).toMatchObject({ status: 200, body: { id } });
});

test("accepts one of many concurrent submissions with the same Idempotency-Key", async () => {
  const submission = { source: api.folderUrl("in"), destination: api.folderUrl("race"), recipe };
  const send = () => api.call("/v1/batches", json(submission, { "idempotency-key": "race" }));
  const answers = await Promise.all(Array.from({ length: 8 }, send));
  const ids = new Set(answers.filter(({ status }) => status < 300).map(({ body }) => body["id"]));
  expect(ids.size).toBe(1);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  for (const { status, headers, body } of answers) {
    expect([200, 201, 409]).toContain(status);
    if (status !== 409) continue;
    expect(body).toMatchObject({ detail: expect.stringContaining("Send it again") });
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  }
});

test("frees the Idempotency-Key of a rejected submission", async () => {
  const headers = { "idempotency-key": "second try" };
  const submission = { source: api.folderUrl("in"), destination: "file:///etc/", recipe };
  expect(await api.call("/v1/batches", json(submission, headers))).toMatchObject({ status: 403 });
  idOf(await api.call("/v1/batches", json({ ...submission, destination: api.folderUrl("second") }, headers)));
});

test("rejects an Idempotency-Key that is too long", async () => {
  const answer = await api.call("/v1/batches", json({}, { "idempotency-key": "x".repeat(256) }));
  expect(answer.status).toBe(400);
});

test.each([
  ["no column for the photo", { body: "name,team\nAnn,red\n", name: "team.csv" }, {}, 400, "source"],
  ["nothing at all", { body: "", name: "team.csv" }, {}, 400, "source"],
  [
    "no column that the template names",
    { body: "source\na.jpg\n", name: "team.csv" },
    { template: "{team}/{name}.jpg" },
    400,
    "template",
  ],
])("rejects a manifest with %s, and stores nothing of it", async (_, file, fields, status, field) => {
  const destination = api.folderUrl("unreadable");
  const answer = await api.call("/v1/batches", {
    method: "POST",
    body: form({ destination, preset: "skin-smoothing", mode: "eco", ...fields }, file),
  });
  expect(answer).toMatchObject({ status, body: { field } });
  await expect(stat(join(api.folder, "unreadable", "_darkroom"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("rejects a missing or unreadable manifest", async () => {
  const source = `${api.folderUrl("lists")}crew.csv`;
  const submission = json({ source, destination: api.folderUrl("not-there"), recipe });
  expect(await api.call("/v1/batches", submission)).toMatchObject({
    status: 404,
    body: {
      code: "storage_not_found",
      field: "source",
      detail: expect.stringContaining("does not exist; check its name"),
    },
  });
  await mkdir(join(api.folder, "lists"));
  await writeFile(join(api.folder, "lists/crew.csv"), "name,team\nAnn,red\n");
  expect(await api.call("/v1/batches", submission)).toMatchObject({ status: 400, body: { field: "source" } });
  await writeFile(join(api.folder, "lists/crew.csv"), "source,team\nann.jpg,red\n");
  expect(await api.call("/v1/batches", submission)).toMatchObject({ status: 201 });
});

const WORKBOOK = "PK\u0003\u0004\u0014\u0000\u0006\u0000[Content_Types].xml";

test.each([
  ["team.xlsx", ""],
  ["team.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["team", "application/vnd.ms-excel"],
  ["team.csv", "text/csv"],
  ["team.txt", "text/plain"],
])("says how to save a workbook that is sent as %s of type %j", async (name, type) => {
  const fields = { destination: api.folderUrl("workbook"), preset: "skin-smoothing", mode: "eco" };
  const body = form(fields, { body: WORKBOOK, name, type });
  const { status, body: problem } = await api.call("/v1/batches", { method: "POST", body });
  expect(status).toBe(400);
  expect(problem["detail"]).toContain('save the sheet as "CSV UTF-8" and send that');
});
