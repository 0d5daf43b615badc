import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { isRecord } from "../../test/test-record.ts";
import { createServer } from "../server.ts";
import { testApi } from "../../test/test-api.ts";
import { OPENAPI_FILE, openApiText } from "../write-openapi.ts";

type Json = Record<string, unknown>;

function record(value: unknown): Json {
  if (!isRecord(value)) throw new Error(`not an object: ${JSON.stringify(value)}`);
  return value;
}

/** Returns every operation of a document as method, path and description. */
function operations(document: Json): (readonly [string, string, Json])[] {
  return Object.entries(record(document["paths"])).flatMap(([path, methods]) =>
    Object.entries(record(methods)).map(([method, operation]) => [method, path, record(operation)] as const),
  );
}

function references(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = ""]) => reference);
}

test("the stored document equals the one generated from the routes", async () => {
  const kept = await readFile(OPENAPI_FILE, "utf8");
  expect(JSON.parse(kept), "run: npm run openapi").toEqual(JSON.parse(await openApiText()));
});

test("serves the document and a page to read it", async () => {
  await using api = await testApi();
  const { status, body } = await api.call("/openapi.json");
  expect(status).toBe(200);
  expect(body).toEqual(JSON.parse(await openApiText()));
  const page = await api.call("/");
  expect(page.headers.get("content-type")).toMatch(/^text\/html/);
});

test("serves neither if a command alone uses the API", async () => {
  const app = await createServer({ apiKey: undefined, hasDocs: false });
  const answers = await Promise.all(["/openapi.json", "/docs"].map((url) => app.inject({ url })));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404]);
  await app.close();
});

test("names every route of the server", async () => {
  const routes: string[] = [];
  const app = await createServer({ apiKey: undefined, onRoute: (method, url) => routes.push(`${method} ${url}`) });
  await app.ready();
  await app.close();
  const hidden = /^HEAD |\/docs|^GET \/(openapi\.json|batches\/:id|new|operate|link|assets\/:file)?$/;
  const served = routes.filter((route) => !hidden.test(route)).map((route) => route.replaceAll(/:(\w+)/g, "{$1}"));
  const document = record(JSON.parse(await openApiText()));
  const described = operations(document).map(([method, path]) => `${method.toUpperCase()} ${path}`);
  expect(served.length).toBeGreaterThan(20);
  expect(described.sort()).toEqual(served.sort());
});

test("is a valid OpenAPI 3.1 document", async () => {
  const document = record(JSON.parse(await openApiText()));
  expect(document["openapi"]).toBe("3.1.0");
  expect(document["info"]).toMatchObject({ title: expect.any(String), version: expect.any(String) });
  const schemas = record(record(document["components"])["schemas"]);
  for (const reference of references(document)) {
    expect(schemas).toHaveProperty([reference.replace("#/components/schemas/", "")]);
  }
  const ids = new Set<unknown>();
  const schemes = Object.keys(record(record(document["components"])["securitySchemes"]));
  for (const [method, path, operation] of operations(document)) {
    expect(["get", "post", "put", "delete"]).toContain(method);
    expect(operation).toMatchObject({
      operationId: expect.any(String),
      summary: expect.any(String),
      tags: [expect.any(String)],
    });
    ids.add(operation["operationId"]);
    const parameters = (operation["parameters"] ?? []) as Json[];
    const inPath = parameters.filter((parameter) => parameter["in"] === "path");
    const named = new Set(inPath.map(({ name }) => name));
    expect(named).toEqual(new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)));
    for (const parameter of parameters)
      expect(parameter).toMatchObject({ name: expect.any(String), schema: expect.any(Object) });
    const responses = record(operation["responses"]);
    expect(Object.keys(responses).some((status) => status.startsWith("2"))).toBe(true);
    for (const [status, response] of Object.entries(responses)) {
      expect(status).toMatch(/^[2-5]\d\d$/);
      expect(record(response)["description"]).toBeTruthy();
      for (const media of Object.values(record(record(response)["content"] ?? {})))
        expect(record(media)["schema"]).toBeDefined();
    }
    for (const scheme of ((operation["security"] ?? document["security"]) as Json[]).flatMap(Object.keys)) {
      expect(schemes).toContain(scheme);
    }
  }
  expect(ids.size).toBe(operations(document).length);
});
