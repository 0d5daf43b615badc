import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Submission } from "@darkroom/core";
import { tempFolder } from "@darkroom/testkit";
import { DarkroomClient } from "./client.ts";
import { exitCodeOfError } from "../exit-codes.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { resolveBatchId } from "./resolve-batch-id.ts";

const SUBMISSION: Submission = {
  source: "s3://a/",
  destination: "s3://b/",
  recipe: { preset: "skin-smoothing", mode: "eco" },
};

async function failure(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Error) return error;
  throw new Error("it did not fail");
}

describe("a refusal", () => {
  it("is the API's own error, with its field", async () => {
    const problem = { code: "invalid_input", detail: "recipe.mode: is required", field: "recipe.mode", status: 400 };
    await using api = await startTestApi((_, response) => sendJson(response, problem, 400, "application/problem+json"));
    const client = new DarkroomClient(api.url, undefined);
    const error = await failure(client.submit(SUBMISSION));
    expect(error).toMatchObject({ code: "invalid_input", message: "recipe.mode: is required", field: "recipe.mode" });
    expect(exitCodeOfError(error)).toBe(2);
    await client.close();
  });

  it("for a missing key names the variable to set", async () => {
    const problem = { code: "unauthorized", detail: "The API key is wrong." };
    await using api = await startTestApi((_, response) => sendJson(response, problem, 401, "application/problem+json"));
    const client = new DarkroomClient(api.url, "secret-key");
    const error = await failure(client.list(1));
    expect(error.message).toMatch(/DARKROOM_API_KEY/);
    expect(error.message).not.toContain("secret-key");
    expect(api.asked[0]?.headers.authorization).toBe("Bearer secret-key");
    await client.close();
  });

  it.each([
    [502, 5],
    [404, 1],
  ])("with status %i from another server exits with %i", async (status, code) => {
    await using api = await startTestApi((_, response) => void response.writeHead(status).end("<h1>nginx</h1>"));
    const client = new DarkroomClient(api.url, undefined);
    const error = await failure(client.status("x"));
    expect(exitCodeOfError(error)).toBe(code);
    expect(error.message).toMatch(/DARKROOM_API_URL/);
    await client.close();
  });
});

describe("a lost connection", () => {
  it("does not submit twice: the retry sends the first one's key", async () => {
    await using api = await startTestApi((_, response, nth) => {
      if (nth === 1) response.destroy();
      else sendJson(response, testStatus({}), 201);
    });
    const client = new DarkroomClient(api.url, undefined);
    await client.submit(SUBMISSION);
    const keys = api.asked.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    await client.close();
  });

  it("is given up after some retries, as an unreachable API", async () => {
    await using api = await startTestApi((_, response) => void response.destroy());
    const client = new DarkroomClient(api.url, undefined);
    expect(exitCodeOfError(await failure(client.status("x")))).toBe(5);
    expect(api.asked).toHaveLength(3);
    await client.close();
  });

  it("is not retried if repeating the request would do harm", async () => {
    await using api = await startTestApi((_, response) => void response.destroy());
    const client = new DarkroomClient(api.url, undefined);
    await failure(client.runSchedule("nightly"));
    expect(api.asked).toHaveLength(1);
    await client.close();
  });

  it("is retried with an order's own key, so that it is carried out once", async () => {
    await using api = await startTestApi((_, response) => void response.destroy());
    const client = new DarkroomClient(api.url, undefined);
    await failure(client.retry("x", {}));
    await failure(client.move("x", "pause"));
    const keys = api.asked.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(6);
    expect(new Set(keys).size).toBe(2);
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    await client.close();
  });
});

it("uploads a manifest after its submission", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "team.csv");
  await writeFile(path, "source\na.jpg\n");
  await using api = await startTestApi((_, response) => sendJson(response, testStatus({}), 201));
  const client = new DarkroomClient(`${api.url}/under`, undefined);
  const { source: _, ...submission } = SUBMISSION;
  await client.submitManifest(submission, path);
  const [asked] = api.asked;
  expect(asked?.url).toBe("/under/v1/batches");
  expect(asked?.headers["content-type"]).toMatch(/^multipart\/form-data/);
  expect(asked?.body).toMatch(
    /name="submission"[^]*"skin-smoothing"[^]*name="manifest"; filename="team.csv"[^]*a\.jpg/,
  );
  await client.close();
});

it("sends only the given fields of a decision or retry", async () => {
  await using api = await startTestApi((_, response) => sendJson(response, testStatus({})));
  const client = new DarkroomClient(api.url, undefined);
  await client.move("x", "confirm");
  await client.move("x", "resume", { maxCostUsd: 4 });
  await client.retry("x", { codes: ["no_output"], recipe: { mode: "max" } });
  expect(api.asked.map(({ url, body }) => [url, body])).toEqual([
    ["/v1/batches/x/confirm", ""],
    ["/v1/batches/x/resume", '{"maxCostUsd":4}'],
    ["/v1/batches/x/retry", '{"codes":["no_output"],"recipe":{"mode":"max"}}'],
  ]);
  await client.close();
});

it("follows the pages of a batch's portraits", async () => {
  await using api = await startTestApi(({ url }, response) => {
    const cursor = new URL(url, "http://x").searchParams.get("cursor") ?? "first";
    const pages: Readonly<Record<string, object>> = {
      first: { portraits: [{ index: 0 }], nextCursor: "second" },
      second: { portraits: [], nextCursor: "third" },
      third: { portraits: [{ index: 9 }], nextCursor: null },
    };
    sendJson(response, pages[cursor] ?? {});
  });
  const client = new DarkroomClient(api.url, undefined);
  const indexes: number[] = [];
  for await (const { index } of client.portraits("x", { state: "failed" })) indexes.push(index);
  expect(indexes).toEqual([0, 9]);
  expect(api.asked.every(({ url }) => url.includes("state=failed"))).toBe(true);
  await client.close();
});

describe("a batch", () => {
  const ids = ["01k9aaaaaaaaaaaaaaaaaaaaaa", "01k9abbbbbbbbbbbbbbbbbbbbb", "01k8cccccccccccccccccccccc"];
  const start = () =>
    startTestApi(({ url }, response) => {
      const query = new URL(url, "http://x").searchParams;
      const after = query.get("cursor") === null ? 0 : ids.indexOf(query.get("cursor") ?? "") + 1;
      const page = ids.slice(after, after + Math.min(2, Number(query.get("limit"))));
      const last = page.at(-1);
      sendJson(response, {
        batches: page.map((id) => testStatus({}, { id })),
        nextCursor: last === undefined || last === ids.at(-1) ? null : last,
      });
    });

  it("is found by its id, a prefix or last", async () => {
    await using api = await start();
    const client = new DarkroomClient(api.url, undefined);
    expect(await resolveBatchId(client, "01k9abbbbbbbbbbbbbbbbbbbbb")).toBe(ids[1]);
    expect(api.asked).toHaveLength(0);
    expect(await resolveBatchId(client, "01K8")).toBe(ids[2]);
    expect(await resolveBatchId(client, "last")).toBe(ids[0]);
    await client.close();
  });

  it("must exist, and the prefix must be unique", async () => {
    await using api = await start();
    const client = new DarkroomClient(api.url, undefined);
    expect(await failure(resolveBatchId(client, "01k9a"))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(ids[1] ?? ""),
    });
    expect(await failure(resolveBatchId(client, "zz"))).toMatchObject({ exitCode: 2 });
    const empty = { list: async () => ({ batches: [], nextCursor: null }), folder: "/photos/.darkroom" };
    expect(await failure(resolveBatchId(empty, "last"))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("no batch yet in /photos/.darkroom; each folder has batches of its own"),
    });
    await client.close();
  });
});
