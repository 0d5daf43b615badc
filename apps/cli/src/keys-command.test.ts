import { expect, it } from "vitest";
import type { IssuedKey } from "./api/api-views.ts";
import { runProgram } from "./program.ts";
import { sendJson, startTestApi } from "./test-kit/test-api.ts";
import { testStreams } from "./test-kit/test-streams.ts";

const AT = "2026-11-21T10:00:00.000Z";
const TEXT = "dk_4mC0fPz81KqA_the-secret-of-a-test";

const { key: _, ...VIEW } = {
  id: "4mC0fPz81KqA",
  name: "Night job",
  tenant: "default",
  scopes: ["submit"],
  limits: {},
  state: "active",
  createdAt: AT,
  createdBy: "root",
  rotatedAt: null,
  formerUntil: null,
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  lastUsedFrom: null,
  key: TEXT,
} satisfies IssuedKey;

async function run(line: readonly string[], answer: unknown) {
  await using api = await startTestApi((_asked, response) => sendJson(response, answer));
  const streams = testStreams();
  const variables = { DARKROOM_API_URL: api.url, DARKROOM_API_KEY: "root" };
  const code = await runProgram(line, { variables, cwd: "/nowhere", streams });
  return { code, asked: api.asked, out: streams.out(), err: streams.err() };
}

it("creates a key and prints it alone", async () => {
  const line = ["keys", "create", "Night job", "--scope", "submit", "manage", "--expires", "90d", "--tenant", "acme"];
  const { code, asked, out, err } = await run(line, { ...VIEW, key: TEXT });
  expect(code).toBe(0);
  expect(out).toBe(`${TEXT}\n`);
  expect(err).toContain("it is not shown again");
  expect(asked).toMatchObject([{ method: "POST", url: "/v1/keys", headers: { authorization: "Bearer root" } }]);
  const sent = JSON.parse(asked[0]?.body ?? "") as { readonly expiresAt: string };
  expect(sent).toMatchObject({ name: "Night job", tenant: "acme", scopes: ["submit", "manage"] });
  expect(Date.parse(sent.expiresAt) - Date.now()).toBeGreaterThan(89 * 86_400_000);
});

it("prints one object with --json", async () => {
  const { out } = await run(["keys", "create", "Night job", "--scope", "read", "--json"], { ...VIEW, key: TEXT });
  expect(JSON.parse(out)).toMatchObject({ id: VIEW.id, key: TEXT });
});

it("lists keys with their last use", async () => {
  const used = { ...VIEW, lastUsedAt: AT, lastUsedFrom: "192.0.2.7", formerUntil: AT };
  const { out } = await run(["keys"], { keys: [used, VIEW], nextCursor: null });
  const rows = out
    .trimEnd()
    .split("\n")
    .map((row) => row.split(/ {2,}/));
  expect(rows[0]).toEqual(["KEY", "NAME", "SCOPES", "STATE", "LAST USED"]);
  expect(rows[1]?.slice(0, 3)).toEqual(["4mC0fPz81KqA", "Night job", "submit"]);
  expect(out).toMatch(/active, both secrets until 21 Nov 2026.*from 192\.0\.2\.7/);
  expect(rows[2]?.at(-1)).toBe("never");
});

it("shows the tenants if there are several", async () => {
  const { out } = await run(["keys"], { keys: [VIEW, { ...VIEW, tenant: "acme" }], nextCursor: null });
  expect(out).toMatch(/NAME +TENANT +SCOPES.*\n.*default.*\n.*acme/);
});

it.each([
  [["--grace", "2h"], 7_200],
  [["--grace", "0s"], 0],
  [[], 86_400],
])("rotates a key with %j", async (options, graceSeconds) => {
  const { out, asked } = await run(["keys", "rotate", VIEW.id, ...options], { ...VIEW, key: TEXT });
  expect(out).toBe(`${TEXT}\n`);
  expect(asked).toMatchObject([{ url: `/v1/keys/${VIEW.id}/rotate`, body: JSON.stringify({ graceSeconds }) }]);
});

it("revokes a key", async () => {
  const { out, asked } = await run(["keys", "revoke", VIEW.id], { ...VIEW, state: "revoked" });
  expect(asked).toMatchObject([{ method: "POST", url: `/v1/keys/${VIEW.id}/revoke` }]);
  expect(out).toContain("is revoked");
});

it("refuses a scope that does not exist, and a duration without a unit", async () => {
  expect((await run(["keys", "create", "x", "--scope", "write"], {})).code).toBe(2);
  const { code, err } = await run(["keys", "rotate", VIEW.id, "--grace", "24"], {});
  expect([code, err]).toEqual([2, expect.stringContaining("--grace")]);
});

it("accepts folders as the places of a key", async () => {
  const line = ["keys", "create", "Night job", "--scope", "submit", "--source", "photos", "s3://acme/raw/"];
  const { code, asked } = await run(line, { ...VIEW, key: TEXT });
  expect(code).toBe(0);
  const sources = ["file:///nowhere/photos/", "s3://acme/raw/"];
  expect(JSON.parse(asked[0]?.body ?? "")).toMatchObject({ limits: { sources } });
});
