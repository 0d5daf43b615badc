import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ObjectStore } from "@darkroom/core";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

const ROOT = "the-root-key-of-a-test";
const recipe = { preset: "skin-smoothing", mode: "eco" };

let api: TestApi;
let key: string;
/** All reads from stores, as URL and key. */
const reads: string[] = [];

function recorded(store: ObjectStore): ObjectStore {
  const noted = (name: "get" | "head" | "list"): unknown => {
    const real = store[name].bind(store) as (...given: readonly unknown[]) => unknown;
    return (...given: readonly unknown[]) => {
      reads.push(`${name} ${store.url}${typeof given[0] === "string" ? given[0] : ""}`);
      return real(...given);
    };
  };
  const own: Readonly<Record<string, unknown>> = { get: noted("get"), head: noted("head"), list: noted("list") };
  return new Proxy(store, {
    get: (target, name) => {
      const value = own[String(name)] ?? (Reflect.get(target, name, target) as unknown);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

beforeAll(async () => {
  api = await testApi({
    apiKey: ROOT,
    wrapStores: (real) => ({ open: (url) => recorded(real.open(url)), close: () => real.close() }),
  });
  for (const name of ["acme/raw", "acme/done", "acme-evil", "secret"])
    await mkdir(join(api.folder, name), { recursive: true });
  await writeFile(join(api.folder, "secret/a.jpg"), "a photo");
  await writeFile(join(api.folder, "secret/team.csv"), "source\na.jpg\n");
  await writeFile(join(api.folder, "acme/raw/own.csv"), "source\na.jpg\n");
  await symlink(join(api.folder, "secret"), join(api.folder, "acme/raw/link"));
  await symlink(join(api.folder, "secret/team.csv"), join(api.folder, "acme/raw/link.csv"));
  await symlink(join(api.folder, "secret"), join(api.folder, "acme/done/link"));
  const limits = {
    sources: ["s3://studio/acme/raw", api.folderUrl("acme/raw")],
    destinations: ["s3://studio/acme/done/", api.folderUrl("acme/done")],
  };
  const wish = { name: "acme", tenant: "acme", scopes: ["submit", "manage"], limits };
  const { body } = await api.call("/v1/keys", json(wish, { "x-api-key": ROOT }));
  key = String(body["key"]);
});
afterAll(async () => await api[Symbol.asyncDispose]());

/** Returns store URLs outside of the key's limits that look as if they were below `acme/raw` or `acme/done`. */
function hostileNames(own: string): readonly string[] {
  return [
    `s3://studio/acme/${own}-evil/`,
    `s3://studio/acme/${own}evil/`,
    `s3://studio/acme/${own}.evil/`,
    `s3://studio/acme/${own} /`,
    `s3://studio/acme/${own.toUpperCase()}/`,
    `s3://studio/ACME/${own}/`,
    `s3://Studio/acme/${own}/`,
    `S3://studio/acme/${own}-evil/`,
    "s3://studio/acme/",
    "s3://studio/",
    "s3://studio",
    `s3://studio-evil/acme/${own}/`,
    `s3://studio.evil/acme/${own}/`,
    `s3://evil/studio/acme/${own}/`,
    `s3://evil/?s3://studio/acme/${own}/`,
    `s3://evil/#s3://studio/acme/${own}/`,
    `s3://studio@evil/acme/${own}/`,
    `s3://studio:443/acme/${own}/`,
    `s3://studio//acme/${own}/`,
    `s3:///studio/acme/${own}/`,
    `s3:/studio/acme/${own}/`,
    `s3://studio/./acme/${own}/`,
    `s3://studio/acme/${own}/../`,
    `s3://studio/acme/${own}/../../secret/`,
    `s3://studio/acme/${own}/..`,
    `s3://studio/acme/${own}/./`,
    `s3://studio/acme/%72aw/`,
    `s3://studio/acme%2F${own}/`,
    `s3://studio/%61cme/${own}/`,
    `s3://studio\\acme\\${own}\\`,
    `s3://studio/acme\\${own}/`,
    `s3://studio/acme/${own}\u0000/`,
    `s3://studio/acme/${own}\u200B/`,
    `s3://studio/аcme/${own}/`,
    `s3://studio/acme/${own}\n/`,
    ` s3://studio/acme/${own}-evil/`,
    `https://studio/acme/${own}/`,
    `acme/${own}/`,
    `/acme/${own}/`,
    `../${own}/`,
    "any",
    "*",
    "s3://*/",
    "s3://studio/*",
  ];
}

/** Returns such `file:` URLs of this machine. */
function hostileFolders(own: string): readonly string[] {
  const { folder } = api;
  const at = (path: string): string => `file://${folder}/${path}`;
  return [
    at("secret/"),
    at("acme-evil/"),
    at("acme/"),
    at(`acme/${own}-evil/`),
    at(`acme/${own}/../../secret/`),
    at(`acme/${own}/%2e%2e/%2e%2e/secret/`),
    at(`acme/${own}/%2E%2e/../secret/`),
    at(`acme/${own}/..%2f..%2fsecret/`),
    at(`acme/${own}/link/`),
    at(`acme/${own}/link/.`),
    at(`ACME/${own}/`),
    at(`acme/${own}%00/`),
    `file://localhost${folder}/secret/`,
    `file://evil${folder}/acme/${own}/`,
    `file:${folder}/secret/`,
    `file:///etc/`,
    "file:///",
    pathToFileURL(join(folder, "secret")).href,
  ];
}

async function refused(field: string, value: string): Promise<void> {
  const order: Record<string, unknown> = { destination: "s3://studio/acme/done/", recipe };
  if (field === "baseUrl") order["rows"] = [{ source: "a.jpg" }];
  else order["source"] = "s3://studio/acme/raw/";
  order[field] = value;
  for (const path of ["/v1/batches", "/v1/quotes", ...(field === "baseUrl" ? [] : ["/v1/overlaps"])]) {
    const { status, body } = await api.call(path, json(order, { "x-api-key": key }));
    const what = `${path} ${field} ${JSON.stringify(value)}`;
    expect([what, [400, 403].includes(status), body["code"]]).toEqual([
      what,
      true,
      expect.stringMatching(/^(forbidden|invalid_input|storage_denied)$/),
    ]);
  }
  const schedule = { cron: "0 2 * * *", timeZone: "UTC", submission: order };
  if (field === "baseUrl") return;
  const { status } = await api.call("/v1/schedules", json(schedule, { "x-api-key": key }));
  expect([field, value, [400, 403].includes(status)]).toEqual([field, value, true]);
}

test("refuses more than fifty places outside of a key's prefixes, and reads none of them", async () => {
  let count = 0;
  for (const [field, own] of [
    ["source", "raw"],
    ["baseUrl", "raw"],
    ["destination", "done"],
  ] as const) {
    for (const value of [...hostileNames(own), ...hostileFolders(own)]) {
      await refused(field, value);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(150);
  expect(reads).toEqual([]);
  expect(await api.ledger.listBatches(10)).toEqual([]);
});

test("requires a folder before {date} within the key's prefixes on every day", async () => {
  for (const destination of [
    "s3://studio/acme/{date}/",
    "s3://studio/{date}/acme/done/",
    "s3://studio/acme/done-{date}/",
  ]) {
    const submission = { source: "s3://studio/acme/raw/", destination, recipe };
    const schedule = json({ cron: "0 2 * * *", timeZone: "UTC", submission }, { "x-api-key": key });
    expect(await api.call("/v1/schedules", schedule)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  }
  const submission = { source: "s3://studio/acme/raw/", destination: "s3://studio/acme/done/{date}/", recipe };
  const schedule = { id: "nightly", cron: "0 2 * * *", timeZone: "UTC", submission };
  expect((await api.call("/v1/schedules", json(schedule, { "x-api-key": key }))).status).toBe(201);
});

test("reports which limit excludes which field", async () => {
  const order = { source: "s3://studio/secret/", destination: "s3://studio/acme/done/", recipe };
  expect(await api.call("/v1/batches", json(order, { "x-api-key": key }))).toMatchObject({
    status: 403,
    body: {
      code: "forbidden",
      field: "source",
      detail: expect.stringMatching(
        /^source: s3:\/\/studio\/secret\/ is outside of the sources of this key: s3:\/\/studio\/acme\/raw\//,
      ),
    },
  });
});

/** Builds an upload of 2,500 rows. Row 2,000 names `evil`. */
function upload(evil: string): FormData {
  const rows = Array.from({ length: 2_500 }, (_, n) => (n === 1_999 ? evil : `p${n}.jpg`));
  const form = new FormData();
  form.append(
    "submission",
    JSON.stringify({
      baseUrl: api.folderUrl("acme/raw"),
      destination: api.folderUrl("acme/done"),
      manifestSources: "any",
      skipBadRows: true,
      recipe,
    }),
  );
  form.append("manifest", new Blob([`source\n${rows.join("\n")}\n`], { type: "text/csv" }), "team.csv");
  return form;
}

test("refuses a manifest whose row 2,000 names a foreign photo, with its line, before any photo is read", async () => {
  const evils = [
    "s3://studio/secret/a.jpg",
    "s3://studio/acme/raw-evil/a.jpg",
    `${api.folderUrl("secret")}a.jpg`,
    `${api.folderUrl("acme/raw").slice(0, -4)}done/link/a.jpg`,
  ];
  for (const evil of evils) {
    reads.length = 0;
    for (const path of ["/v1/batches", "/v1/quotes"]) {
      const answer = await api.call(path, { method: "POST", headers: { "x-api-key": key }, body: upload(evil) });
      expect(answer).toMatchObject({ status: 403, body: { code: "forbidden", field: "source" } });
      expect(answer.body["detail"]).toMatch(/line 2001: source is outside of what the submitter's key may read/);
    }
    // Only the uploaded manifest is read.
    expect(reads.filter((read) => !/^get file:.*\/acme\/done\/_darkroom\/[^/]+\/manifest\.csv$/.test(read))).toEqual(
      [],
    );
  }
  expect(await api.ledger.listBatches(10)).toEqual([]);
  const left: string[] = [];
  for await (const { key: name } of api.stores.open(api.folderUrl("acme/done")).list())
    if (name !== "link") left.push(name);
  expect(left).toEqual([]);
});

test("a manifest in a store is checked to its end, too, and keeps its bounds in the batch", async () => {
  const rows = Array.from({ length: 2_500 }, (_, n) => `p${n}.jpg`);
  const manifest = join(api.folder, "acme/raw/team.csv");
  const order = { source: pathToFileURL(manifest).href, destination: api.folderUrl("acme/done"), recipe };
  await writeFile(manifest, `source\n${rows.with(1_999, "s3://studio/secret/a.jpg").join("\n")}\n`);
  const send = async () => await api.call("/v1/batches", json(order, { "x-api-key": key }));
  expect((await send()).body["detail"]).toMatch(/team\.csv, line 2001: source is outside/);
  for (const source of ["link.csv", "link/team.csv"]) {
    const evil = { ...order, source: `${api.folderUrl("acme/raw")}${source}` };
    expect([source, (await api.call("/v1/batches", json(evil, { "x-api-key": key }))).status]).toEqual([source, 403]);
  }
  await writeFile(manifest, `source\n${rows.join("\n")}\n`);
  const { status, body } = await send();
  expect(status).toBe(201);
  const { spec } = (await api.ledger.read(String(body["id"]))) ?? {};
  expect(spec).toMatchObject({
    tenant: "acme",
    source: { within: ["s3://studio/acme/raw/", api.folderUrl("acme/raw")] },
  });
});
