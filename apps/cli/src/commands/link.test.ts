import { expect, it } from "vitest";
import type { IssuedLink } from "../api/api-views.ts";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStreams } from "../test-kit/test-streams.ts";

const BATCH = "01kbf3v0000000000000000000";
const { path, ...LINK } = {
  id: "4mC0fPz81KqA",
  name: "Acme",
  batch: BATCH,
  review: true,
  downloads: false,
  state: "active",
  createdAt: "2026-11-21T10:00:00.000Z",
  createdBy: "root",
  expiresAt: "2026-12-05T10:00:00.000Z",
  lastUsedAt: null,
  path: "/link#dk_4mC0fPz81KqA_the-secret-of-a-test",
} satisfies IssuedLink;

async function run(line: readonly string[], answer: unknown) {
  await using api = await startTestApi((_asked, response) => sendJson(response, answer));
  const streams = testStreams();
  const variables = { DARKROOM_API_URL: `${api.url}/`, DARKROOM_API_KEY: "root" };
  const code = await runProgram(["link", BATCH, ...line], { variables, cwd: "/nowhere", streams });
  return { code, url: api.url, asked: api.asked, out: streams.out(), err: streams.err() };
}

it("makes a link and prints it alone", async () => {
  const { code, url, asked, out, err } = await run(["--for", "Acme", "--review", "--days", "3"], { ...LINK, path });
  expect([code, out]).toEqual([0, `${url}${path}\n`]);
  expect(err).toContain(`darkroom link ${BATCH} --revoke ${LINK.id}`);
  expect(asked).toMatchObject([{ method: "POST", url: `/v1/batches/${BATCH}/links` }]);
  expect(JSON.parse(asked[0]?.body ?? "")).toEqual({ name: "Acme", days: 3, review: true, downloads: false });
});

it("lists links and revokes one", async () => {
  const listed = await run([], { links: [LINK] });
  expect(listed.out).toMatch(/4mC0fPz81KqA +Acme +see, review +active until .+ +never/);
  const revoked = await run(["--revoke", LINK.id], { ...LINK, state: "revoked" });
  expect(revoked.out).toBe("The link 4mC0fPz81KqA (Acme) is revoked.\n");
  expect(revoked.asked).toMatchObject([{ method: "POST", url: `/v1/batches/${BATCH}/links/${LINK.id}/revoke` }]);
});

it("refuses rights without a client", async () => {
  const { code, err } = await run(["--review"], {});
  expect(code).toBe(2);
  expect(err).toContain("belong to --for");
});
