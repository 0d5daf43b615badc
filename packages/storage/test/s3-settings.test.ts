import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import { inspect } from "node:util";
import { testBucket, testS3 } from "@darkroom/testkit";
import { USER_AGENT } from "@darkroom/web-fetch";
import { describe, expect, it } from "vitest";
import { openStores } from "../src/index.ts";
import { createS3Bucket } from "../src/s3-bucket.ts";
import { newPrefix, openS3 } from "./s3-harness.ts";
import { keysOf, textOf } from "./suite-harness.ts";

/** Opens a store on a server with scripted answers, and counts its requests. */
async function onServer(answer: RequestListener, endpoint?: string) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const stores = openStores({
    s3: { endpoint: endpoint ?? `http://127.0.0.1:${port}`, accessKeyId: "KEYID", secretAccessKey: "SECRET" },
    local: { roots: [], linkSecret: "" },
    proxy: { http: `http://127.0.0.1:${port}`, bypass: ["exempt.test"] },
  });
  return {
    store: stores.open("s3://team/out/"),
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      await stores.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

function s3Error(status: number, code: string, more = ""): RequestListener {
  return (_, response) => {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>m</Message>${more}</Error>`);
  };
}

describe("an S3 store behind a proxy", () => {
  it("is reached through the proxy, with Darkroom's user agent", async () => {
    const seen: string[] = [];
    await using server = await onServer(({ url = "", headers }, response) => {
      seen.push(`${url} ${headers["user-agent"]?.includes(USER_AGENT)}`);
      response.writeHead(404).end();
    }, "http://store.test:9000");
    expect(await server.store.head("a.jpg")).toBeUndefined();
    expect(seen).toEqual(["http://store.test:9000/team/out/a.jpg true"]);
  });

  it("is reached directly when it is exempt", async () => {
    await using server = await onServer((_, response) => response.end(), "http://exempt.test:9000");
    await expect(server.store.head("a.jpg")).rejects.toMatchObject({ code: "storage_unavailable" });
    expect(server.requests()).toBe(0);
  });
});

describe("an S3 store reports what went wrong", () => {
  it("when the bucket does not exist", async () => {
    const store = openS3().open("s3://no-such-bucket-of-ours/a/");
    const missing = {
      code: "storage_not_found",
      message: expect.stringContaining("the bucket no-such-bucket-of-ours does not exist"),
    };
    await expect(store.put("x", Buffer.from("x"))).rejects.toMatchObject(missing);
    await expect(store.get("x")).rejects.toMatchObject(missing);
    await expect(keysOf(store.list())).rejects.toMatchObject(missing);
  });

  it.each([
    ["a wrong secret", { secretAccessKey: "WRONGSECRETVALUE" }],
    ["an unknown key", { accessKeyId: "UNKNOWNKEYID" }],
  ])("with %s, without repeating either", async (_, changes) => {
    const store = openS3(changes).open(`s3://${testBucket()}/${newPrefix()}`);
    const calls: [() => Promise<unknown>, string][] = [
      [() => store.get("x"), "invalid_settings"],
      // A response to HEAD has no message for the classification.
      [() => store.head("x"), "storage_denied"],
      [() => store.put("x", Buffer.from("x")), "invalid_settings"],
      [() => keysOf(store.list()), "invalid_settings"],
    ];
    for (const [call, code] of calls) {
      const error: unknown = await call().catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code,
        retryable: false,
        message: expect.stringContaining(testBucket()),
      });
      expect(inspect(error, { depth: 10 })).not.toMatch(/WRONGSECRETVALUE|UNKNOWNKEYID|X-Amz-Signature|AWS4-HMAC/);
    }
  });

  it("when no server listens", async () => {
    const store = openS3({ endpoint: "http://127.0.0.1:1" }).open("s3://team/a/");
    await expect(store.put("ana.jpg", Buffer.from("x"))).rejects.toMatchObject({
      code: "storage_unavailable",
      retryable: true,
      message: expect.stringContaining("s3://team/a/ana.jpg"),
    });
  });

  it.each([
    [503, "SlowDown", "storage_unavailable", true],
    [500, "InternalError", "storage_unavailable", true],
    [429, "TooManyRequests", "storage_unavailable", true],
    [403, "AccessDenied", "storage_denied", false],
    [404, "NoSuchKey", "storage_not_found", false],
    [400, "MetadataTooLarge", "storage_invalid", false],
    [400, "SomethingNew", "storage_refused", false],
    [403, "InvalidObjectState", "storage_refused", false],
    [301, "PermanentRedirect", "storage_denied", false],
  ])("when the store answers %d %s", async (status, name, code, retryable) => {
    await using server = await onServer(s3Error(status, name));
    const error: unknown = await server.store.put("x", Buffer.from("x")).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "DarkroomError", code, retryable, cause: { name } });
    expect(server.requests()).toBe(retryable ? 3 : 1);
  });

  it("without the parts of a refused signature", async () => {
    const secrets = "<AWSAccessKeyId>KEYID</AWSAccessKeyId><StringToSign>TO-SIGN</StringToSign>";
    await using server = await onServer(s3Error(403, "SignatureDoesNotMatch", secrets));
    const error: unknown = await server.store.get("x").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "invalid_settings", cause: { name: "SignatureDoesNotMatch" } });
    expect(inspect(error, { depth: 10 })).not.toMatch(/KEYID|TO-SIGN/);
  });

  it("when a download is cut", async () => {
    await using server = await onServer((_, response) => {
      response.writeHead(200, { "content-length": "1000", etag: '"e"' });
      response.write("x".repeat(100), () => response.destroy());
    });
    const { body } = await server.store.get("x");
    await expect(textOf(body)).rejects.toMatchObject({ code: "storage_unavailable", retryable: true });
  });

  it("when a store ignores a range, instead of returning the wrong bytes", async () => {
    await using server = await onServer((_, response) => response.end("whole"));
    const get = server.store.get("x", { range: { start: 1, end: 2 } });
    await expect(get).rejects.toMatchObject({ code: "internal", message: expect.stringContaining("size") });
  });
});

describe("an S3 store", () => {
  it("signs links for the host name that others use", async () => {
    const store = openS3({ linkEndpoint: "https://pictures.example.com" }).open(`s3://${testBucket()}/a b/`);
    const link = new URL(await store.link("ü.jpg", { expiresInSeconds: 900 }));
    expect(link.host).toBe("pictures.example.com");
    expect(link.pathname).toBe(`/${testBucket()}/a%20b/%C3%BC.jpg`);
    expect(link.searchParams.get("X-Amz-Expires")).toBe("900");
    expect(link.href).not.toContain(testS3().secretAccessKey === "" ? "-" : `secret=${testS3().secretAccessKey}`);
  });

  it("omits the folder markers of consoles from its listing", async () => {
    const prefix = newPrefix();
    const stores = openS3();
    const store = stores.open(`s3://${testBucket()}/${prefix}`);
    await store.put("team/", new Uint8Array(0));
    await store.put("team/ana.jpg", Buffer.from("x"));
    await stores.open(`s3://${testBucket()}/`).put(prefix, new Uint8Array(0));
    expect(await keysOf(store.list())).toEqual(["team/ana.jpg"]);
    await stores.close();
  });

  it("accepts keys that only a bucket can represent", async () => {
    const stores = openS3();
    const store = stores.open(`s3://${testBucket()}/${newPrefix()}`);
    const keys = [".hidden.jpg", "a//b.jpg", "control-\u0001.jpg"];
    for (const key of keys) await store.put(key, Buffer.from(key));
    expect(await keysOf(store.list())).toEqual(keys);
    for (const key of keys) expect(await textOf((await store.get(key)).body)).toBe(key);
    await stores.close();
  });

  it("sends an upload in one request, without waiting for 100 Continue", async () => {
    const seen: (string | undefined)[] = [];
    await using server = await onServer((request, response) => {
      seen.push(request.headers.expect, request.headers["x-amz-sdk-checksum-algorithm"]?.toString());
      request.resume().once("end", () => response.writeHead(200, { etag: '"e"' }).end());
    });
    expect(await server.store.put("x", Buffer.alloc(5_000_000))).toEqual({ etag: "e" });
    expect(seen).toEqual([undefined, undefined]);
  });

  it("creates a bucket once, and accepts one that exists", async () => {
    await createS3Bucket(testS3(), testBucket());
    await expect(createS3Bucket({ ...testS3(), secretAccessKey: "wrong" }, testBucket())).rejects.toMatchObject({
      code: "invalid_settings",
    });
  });
});
