import { afterAll, beforeAll, expect, test } from "vitest";
import { json, testApi, type TestApi } from "../../test/test-api.ts";
import { openApiText } from "../write-openapi.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

interface FieldError {
  readonly detail: string;
  readonly pointer?: string;
  readonly parameter?: string;
  readonly in?: string;
  readonly line?: number;
  readonly column?: string;
}

/** Returns where each error of a refused request is. */
async function errorsOf(path: string, init?: RequestInit): Promise<readonly FieldError[]> {
  const { status, body } = await api.call(path, init);
  expect([path, status, body["code"]]).toEqual([path, 400, "invalid_input"]);
  return (body["errors"] ?? []) as readonly FieldError[];
}

async function placesOf(path: string, init?: RequestInit): Promise<readonly string[]> {
  const errors = await errorsOf(path, init);
  return errors.map(({ pointer, parameter, in: place }) => pointer ?? `${place ?? ""} ${parameter ?? ""}`).sort();
}

const recipe = { preset: "skin-smoothing", mode: "eco" };

function form(fields: Readonly<Record<string, string>>, manifest?: string): RequestInit {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  if (manifest !== undefined) body.append("manifest", new Blob([manifest]), "team.csv");
  return { method: "POST", body };
}

const id = "01j00000000000000000000000";

test.each<[string, string, RequestInit | undefined, readonly string[]]>([
  [
    "all fields of a body",
    "/v1/batches",
    json({ name: 5, destination: "", recipe: { mode: "fast", modus: 1 }, dest: 1, "a/b~c d": 1 }),
    ["#/a~1b~0c%20d", "#/dest", "#/destination", "#/name", "#/recipe/mode", "#/recipe/modus"],
  ],
  [
    "fields that only the rules refuse",
    "/v1/batches",
    json({ source: "s3://a/in/", destination: "s3://b/_darkroom/", template: "../{id}", recipe, lane: "nowhere" }),
    ["#/destination", "#/lane", "#/template"],
  ],
  [
    "fields of a schedule's submission",
    "/v1/schedules",
    json({
      cron: "0 2 * * *",
      timeZone: "UTC",
      submission: { source: "s3://a/in/", destination: "s3://b/_darkroom/x/", recipe, lane: "nowhere" },
    }),
    ["#/submission/destination", "#/submission/lane"],
  ],
  ["a part of a list", `/v1/batches/${id}/retry`, json({ codes: ["timeout", "nonsense"] }), ["#/codes/1"]],
  ["a body that is no object", `/v1/batches/${id}/pause`, json([1]), ["#"]],
  ["all parameters", "/v1/batches?limit=x&befor=1", undefined, ["query befor", "query limit"]],
  ["a parameter of the path", `/v1/batches/${id}/portraits/x`, undefined, ["path index"]],
  [
    "a header",
    `/v1/batches/${id}/pause`,
    { method: "POST", headers: { "idempotency-key": "x".repeat(300) } },
    ["header Idempotency-Key"],
  ],
  ["the fields of a form", "/v1/batches", form({ destination: "s3://b/", size: "x" }), ["#/size"]],
  [
    "missing fields of a form",
    "/v1/batches",
    form({ name: "" }, "source\na.jpg\n"),
    ["#/destination", "#/mode", "#/name", "#/preset"],
  ],
])("names %s", async (_, path, init, places) => {
  if (path.includes(id)) path = path.replace(id, (await api.batch(1)).id);
  expect(await placesOf(path, init)).toEqual(places);
});

test("names every bad row: by its line in a file, by its place in a body", async () => {
  const places = { destination: api.folderUrl("out"), baseUrl: api.folderUrl("in") };
  const rows = [{ source: "a.jpg" }, { source: "" }, { source: "b.jpg", mode: "fast" }];
  const fromBody = await errorsOf("/v1/batches", json({ ...places, rows, recipe }));
  expect(fromBody.map(({ pointer }) => pointer)).toEqual(["#/rows/1/source", "#/rows/2/mode"]);
  const csv = "source,mode\na.jpg,\n,eco\nb.jpg,fast\n";
  const fromFile = await errorsOf("/v1/batches", form({ ...places, ...recipe }, csv));
  expect(fromFile).toMatchObject([
    { line: 3, column: "source", detail: expect.any(String) },
    { line: 4, column: "mode", detail: expect.any(String) },
  ]);
});

test("a hostile body gets a bounded answer", async () => {
  const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`field-${n}`.padEnd(200, "x"), n]));
  const errors = await errorsOf("/v1/quotes", json(body));
  expect(errors).toHaveLength(100);
  expect(JSON.stringify(errors).length).toBeLessThan(50_000);
});

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly parameters?: readonly { readonly in: string }[];
}

/** Without these fields, the schema of a body is not known. */
const BODIES: Readonly<Record<string, object>> = { "post /v1/batches/{id}/actions": { action: "approve" } };

test("every route of the document names an unknown field of its body and an unknown parameter", async () => {
  const { paths } = JSON.parse(await openApiText()) as { paths: Record<string, Record<string, Operation>> };
  const { id: batch } = await api.batch(1);
  const checked: string[] = [];
  // A stream that accepts the parameter never ends.
  const signal = AbortSignal.timeout(30_000);
  for (const [path, methods] of Object.entries(paths)) {
    const url = path.replace("{id}", path.includes("/batches/") ? batch : "x").replaceAll(/\{\w+\}/g, "0");
    for (const [method, { requestBody, parameters = [] }] of Object.entries(methods)) {
      const what = `${method} ${path}`;
      if (requestBody?.content["application/json"] !== undefined) {
        const places = await placesOf(url, { ...json({ ...BODIES[what], nonsense: 1 }), method: method.toUpperCase() });
        expect([what, places]).toEqual([what, expect.arrayContaining(["#/nonsense"])]);
        checked.push(what);
      }
      if (path.startsWith("/v1/") && parameters.some((each) => each.in === "query")) {
        const places = await placesOf(`${url}?nonsense=1`, { method: method.toUpperCase(), signal });
        expect([what, places]).toEqual([what, expect.arrayContaining(["query nonsense"])]);
        checked.push(what);
      }
    }
  }
  expect(checked.length).toBeGreaterThan(25);
});
