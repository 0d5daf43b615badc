import { describe, expect, test } from "vitest";
import { createLogger, type Logger } from "./logger.ts";

const SIGNATURE = "5f4dcc3b5aa765d61d8327deb882cf99";
const SIGNED_URL = `https://s3.example/team/anna.jpg?X-Amz-Credential=AKIAEXAMPLE&X-Amz-Signature=${SIGNATURE}`;
const REDIS_PASSWORD = "hun@ter2";
const REDIS_URL = `redis://user:${REDIS_PASSWORD}@cache.example:6379/0`;
const TOKEN = "eyJrIjoiYW5uYSJ9.c2lnbmF0dXJl";
const FILE_LINK = `https://darkroom.example/files/${TOKEN}/anna.jpg`;
const API_KEY = "es_live_4242424242";
const WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SECRETS = [WEBHOOK_SECRET, SIGNATURE, "AKIAEXAMPLE", REDIS_PASSWORD, "ter2", TOKEN, API_KEY];

const TEXT = `tried ${SIGNED_URL} and ${REDIS_URL} and "${FILE_LINK}" with x-api-key: ${API_KEY} and ${WEBHOOK_SECRET}`;

function logged(write: (log: Logger) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(createLogger({ level: "trace", name: "test", destination: { write: (line) => void lines.push(line) } }));
  expect(lines).toHaveLength(1);
  const [line = ""] = lines;
  for (const secret of SECRETS) expect(line).not.toContain(secret);
  expect(line.endsWith("\n")).toBe(true);
  return JSON.parse(line) as Record<string, unknown>;
}

function libraryError(): Error {
  return Object.assign(new Error(TEXT), { code: "ECONNREFUSED", command: { name: "auth", args: [REDIS_PASSWORD] } });
}

describe("the logger removes secrets from", () => {
  test("messages, and keeps the rest", () => {
    const { msg, name } = logged((log) => log.info(TEXT));
    expect(msg).toContain("https://s3.example/team/anna.jpg?…");
    expect(msg).toContain("redis://…@cache.example:6379/0");
    expect(msg).toContain("https://darkroom.example/files/…/anna.jpg");
    expect(name).toBe("test");
  });

  test("messages with placeholders", () => {
    expect(logged((log) => log.info("source %s, headers %j", SIGNED_URL, { "x-api-key": API_KEY }))["msg"]).toContain(
      "https://s3.example/team/anna.jpg?…",
    );
  });

  test("fields", () => {
    const line = logged((log) =>
      log.warn({ url: SIGNED_URL, redis: REDIS_URL, path: `/files/${TOKEN}/anna.jpg` }, "x"),
    );
    expect(line).toMatchObject({ url: "https://s3.example/team/anna.jpg?…", path: "/files/…/anna.jpg" });
  });

  test("nested fields and lists", () => {
    const line = logged((log) =>
      log.info({ request: { deep: { urls: [SIGNED_URL, { link: FILE_LINK }] }, headers: { Authorization: API_KEY } } }),
    );
    expect(line).toMatchObject({
      request: { deep: { urls: ["https://s3.example/team/anna.jpg?…", {}] }, headers: { Authorization: "…" } },
    });
  });

  test.each(["apiKey", "x-api-key", "EACHLABS_API_KEY", "authorization", "password", "secretAccessKey", "linkToken"])(
    "the field %s at any depth",
    (field) => {
      const line = logged((log) => log.info({ [field]: API_KEY, a: { b: { [field]: [API_KEY] } } }));
      expect(line).toMatchObject({ [field]: "…", a: { b: { [field]: "…" } } });
    },
  );

  test.each<[string, (log: Logger) => void, string]>([
    ["as err", (log) => log.error({ err: libraryError() }, "failed"), "err"],
    ["as err without a message", (log) => log.error({ err: libraryError() }), "err"],
    ["as the only argument", (log) => log.error(libraryError()), "err"],
    ["under another name", (log) => log.error({ reason: libraryError() }, "failed"), "reason"],
    ["of a child logger", (log) => log.child({ err: libraryError(), url: SIGNED_URL }).error("failed"), "err"],
  ])("errors: %s", (_, write, field) => {
    const line = logged(write);
    expect(line[field]).toMatchObject({ type: "Error", code: "ECONNREFUSED" });
    expect(line[field]).not.toHaveProperty("command");
    expect(line[field]).not.toHaveProperty("stack");
  });

  test.each<[string, (log: Logger) => void]>([
    ["a variable as it is set", (log) => log.info(`EACHLABS_API_KEY=${API_KEY} AWS_SECRET_ACCESS_KEY=${API_KEY}`)],
    ["a bearer token by itself", (log) => log.info(`sent Bearer ${API_KEY}`)],
    ["a spoken key", (log) => log.warn(`wrong API key ${API_KEY}`)],
    ["headers as a flat list", (log) => log.info({ rawHeaders: ["accept", "*/*", "x-api-key", API_KEY] })],
    ["headers as pairs", (log) => log.info({ headers: [["Authorization", API_KEY]] })],
    ["JSON within JSON", (log) => log.info({ body: JSON.stringify(JSON.stringify({ apiKey: API_KEY })) })],
    ["a path signed by another signer", (log) => log.info({ url: `/a.jpg?Expires=1&Signature=${SIGNATURE}&Key=K` })],
    ["a path with a key", (log) => log.info(`GET /v1/batches?api_key=${API_KEY}`)],
    ["a URL's fragment", (log) => log.info(`https://a.example/b#token=${TOKEN}`)],
    ["fields with other names", (log) => log.info({ a: { secretKey: API_KEY, credentials: { a: API_KEY } } })],
    ["an error within a field", (log) => log.info({ result: { reason: libraryError() } })],
    ["errors in a list", (log) => log.info({ errors: [libraryError(), [libraryError()]] })],
    ["an error's cause", (log) => log.error(new Error(TEXT, { cause: libraryError() }))],
    ["an error in a placeholder", (log) => log.info("failed: %o", libraryError())],
    ["an error deep in a placeholder", (log) => log.info("failed: %j", { why: libraryError() })],
  ])("%s", (_, write) => {
    expect(JSON.stringify(logged(write))).toContain("…");
  });

  test("URLs that are escaped within another URL", () => {
    const { msg } = logged((log) => log.info(`/fetch?from=${encodeURIComponent(SIGNED_URL)}`));
    expect(msg).toContain("anna.jpg");
    logged((log) => log.info(`/fetch?from=${encodeURIComponent(FILE_LINK)}`));
  });
});

test("logs the number of bytes instead of a picture's bytes", () => {
  const { picture, part } = logged((log) => log.info({ picture: Buffer.alloc(9, 255), part: new Uint8Array(4) }));
  expect([picture, part]).toEqual(["[9 bytes]", "[4 bytes]"]);
});

test("logs a field that contains itself", () => {
  const field: Record<string, unknown> = { a: 1 };
  field["self"] = field;
  expect(logged((log) => log.info({ field }))["field"]).toEqual({ a: 1, self: "[circular]" });
});

test("keeps dates, URLs and ordinary text about keys", () => {
  const at = new Date(0);
  const line = logged((log) =>
    log.info({ at, from: new URL("https://a.example/b"), key: "team/anna.jpg" }, "API key missing"),
  );
  expect(line).toMatchObject({
    at: at.toISOString(),
    from: "https://a.example/b",
    key: "team/anna.jpg",
    msg: "API key missing",
  });
});

test("writes plain fields unchanged", () => {
  const fields = { portraits: 3, batch: "01j", tokens: 12, ok: true, none: null, list: [1, "two"] };
  expect(logged((log) => log.info(fields, "3 of 5 done"))).toMatchObject({ ...fields, msg: "3 of 5 done" });
});

test("drops lines below the level", () => {
  const lines: string[] = [];
  const log = createLogger({ level: "warn", name: "test", destination: { write: (line) => void lines.push(line) } });
  log.info("quiet");
  log.warn("loud");
  expect(lines).toHaveLength(1);
});
