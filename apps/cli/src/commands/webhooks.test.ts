import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { tempFolder, testRedisUrl } from "@darkroom/testkit";
import { DEFAULT_EVENTS } from "@darkroom/webhooks";
import type { DeliveryView, IssuedWebhook, WebhookView } from "../api/webhook-client.ts";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi, type Asked } from "../test-kit/test-api.ts";
import { testStreams } from "../test-kit/test-streams.ts";

const AT = "2026-11-21T10:00:00.000Z";
const ID = "wh_4f1c09d27a6b8e35";
const SECRET = "whsec_c2VjcmV0LW9mLWEtdGVzdC1zZWNyZXQtb2YtYS10ZXN0";
const VIEW: WebhookView = {
  id: ID,
  url: "https://hooks.example/a",
  description: null,
  tenant: "default",
  events: DEFAULT_EVENTS,
  state: "enabled",
  disabledBy: null,
  disabledReason: null,
  disabledAt: null,
  waiting: 0,
  lastDeliveredAt: null,
  lastFailedAt: null,
  failure: null,
  failingSince: null,
  heldUntil: null,
  missedAt: null,
  rotatedAt: null,
  formerUntil: null,
  createdAt: AT,
  createdBy: "root",
};
const ISSUED: IssuedWebhook = { ...VIEW, secret: SECRET };
const DELIVERY: DeliveryView = {
  id: "1796090000123-0",
  at: AT,
  message: "msg_1",
  type: "webhook.test",
  event: null,
  attempt: 1,
  outcome: "delivered",
  status: 204,
  durationMs: 12,
  failure: null,
  nextAt: null,
};

async function run(line: readonly string[], answer: object | ((asked: Asked) => unknown)) {
  await using api = await startTestApi((asked, response) => {
    const body: unknown = typeof answer === "function" ? (answer as (asked: Asked) => unknown)(asked) : answer;
    if (body === undefined) response.writeHead(204).end();
    else sendJson(response, body);
  });
  const streams = testStreams();
  const variables = { DARKROOM_API_URL: api.url, DARKROOM_API_KEY: "root" };
  const code = await runProgram(["webhooks", ...line], { variables, cwd: "/nowhere", streams });
  return { code, asked: api.asked, out: streams.out(), err: streams.err() };
}

it("creates a webhook and prints its secret alone", async () => {
  const line = ["create", "https://hooks.example/a", "--event", "batch.completed", "batch.failed", "--tenant", "acme"];
  const { code, asked, out, err } = await run(line, ISSUED);
  expect([code, out]).toEqual([0, `${SECRET}\n`]);
  expect(err).toContain(`it is not shown again. The webhook's id is ${ID}`);
  expect(asked).toMatchObject([{ method: "POST", url: "/v1/webhooks" }]);
  expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
    url: "https://hooks.example/a",
    events: ["batch.completed", "batch.failed"],
    tenant: "acme",
  });
});

it("lists webhooks, and explains why one is disabled", async () => {
  const reason = "The receiver answered 410 Gone.";
  const gone = { ...VIEW, state: "disabled", disabledBy: "gone", disabledReason: reason, disabledAt: AT } as const;
  const { out } = await run([], { webhooks: [gone, { ...VIEW, state: "failing", waiting: 3 }] });
  expect(out).toMatch(/disabled \(gone\) since 21 Nov 2026.*\n.*failing +3/);
  expect((await run(["show", ID], gone)).out).toContain(reason);
});

it.each([
  [["enable", ID], "POST", "", { enabled: true, skipWaiting: false }],
  [["enable", ID, "--skip-waiting"], "POST", "", { enabled: true, skipWaiting: true }],
  [["disable", ID], "POST", "", { enabled: false }],
  [
    ["update", ID, "--event", "default", "--url", "https://b.example/"],
    "POST",
    "",
    { url: "https://b.example/", events: null },
  ],
  [["rotate", ID, "--grace", "0s"], "POST", "/rotate", { graceSeconds: 0 }],
  [["resend", ID, "--since", "2026-11-21T10:00:00Z"], "POST", "/resend", { since: AT }],
  [["delete", ID], "DELETE", "", undefined],
  [["resend", ID, "--delivery", "1-0"], "POST", "/deliveries/1-0/resend", undefined],
])("%j", async (line, method, path, body) => {
  const { code, asked } = await run(line, method === "DELETE" ? () => undefined : { ...ISSUED, message: "msg_1" });
  expect(code).toBe(0);
  expect(asked).toMatchObject([{ method, url: `/v1/webhooks/${ID}${path}` }]);
  expect(asked[0]?.body === "" ? undefined : (JSON.parse(asked[0]?.body ?? "") as unknown)).toEqual(body);
});

it.each([
  [DELIVERY, 0, "HTTP 204 after 12 ms"],
  [{ ...DELIVERY, outcome: "failed", status: 500, failure: "HTTP 500" }, 1, "The test failed: HTTP 500"],
])("tests a webhook and says how it was answered", async (delivery, expected, words) => {
  const { code, out } = await run(["test", ID], ({ url }: Asked) =>
    url.endsWith("/test") ? { message: "msg_1" } : { deliveries: [delivery], nextCursor: null },
  );
  expect([code, out]).toEqual([expected, expect.stringContaining(words)]);
});

it("rejects a webhook to which it cannot send", async () => {
  expect((await run(["resend", ID], {})).code).toBe(2);
  expect((await run(["resend", ID, "--since", "soon"], {})).code).toBe(2);
  expect((await run(["rotate", ID, "--grace", "24"], {})).code).toBe(2);
  expect((await run(["listen", "--forward-to", "localhost:3000"], {})).code).toBe(2);
});

it("forwards events to a program on this machine, signed, and only the wanted ones", async () => {
  const { Webhook } = await import("standardwebhooks");
  const got: { headers: Record<string, string>; body: string }[] = [];
  const program = createServer((request, response) => {
    void text(request).then((body) => {
      got.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(200).end();
      if (got.length === 2) process.emit("SIGINT");
    });
  }).listen(0, "127.0.0.1");
  await once(program, "listening");
  const { port } = program.address() as AddressInfo;
  await using api = await startTestApi((_asked, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const [sequence, type] of ["batch.paused", "portrait.failed", "batch.resumed"].entries()) {
      const event = { id: `b.${sequence + 1}-1`, batch: "b", tenant: "default", sequence: sequence + 1, at: AT, type };
      response.write(
        `id: 9-${sequence}\nevent: ${type}\ndata: ${JSON.stringify({ ...event, state: "running", data: {} })}\n\n`,
      );
    }
  });
  const streams = testStreams();
  const line = ["webhooks", "listen", "--forward-to", `http://127.0.0.1:${port}/hooks`];
  const code = await runProgram(line, { variables: { DARKROOM_API_URL: api.url }, cwd: "/nowhere", streams });
  program.close();
  expect(code).toBe(130);
  const [secret = ""] = /whsec_\S+/.exec(streams.err()) ?? [];
  const types = got.map(({ headers, body }) => (new Webhook(secret).verify(body, headers) as { type: string }).type);
  expect(types).toEqual(["batch.paused", "batch.resumed"]);
});

it("doctor warns of webhooks that receive nothing, unless a user disabled them", async () => {
  const broken = { ...VIEW, state: "disabled", disabledBy: "gone", disabledReason: "The receiver answered 410 Gone." };
  const own = { ...VIEW, id: "wh_own", state: "disabled", disabledBy: "person", disabledReason: "Disabled." };
  await using api = await startTestApi(({ url }, response) => {
    const body = url === "/v1/webhooks" ? { webhooks: [broken, own, VIEW] } : url === "/v1/lanes" ? { lanes: [] } : {};
    sendJson(response, body);
  });
  const streams = testStreams();
  await using folder = await tempFolder();
  const variables = { DARKROOM_API_URL: api.url, DARKROOM_DATA_DIR: folder.path, REDIS_URL: testRedisUrl() };
  await runProgram(["doctor", "--json"], { variables, cwd: folder.path, streams });
  const { checks } = JSON.parse(streams.out()) as { checks: { name: string; result: string; message: string }[] };
  expect(checks.filter(({ name, result }) => name === "API" && result === "warning")).toEqual([
    {
      name: "API",
      result: "warning",
      message: `the webhook ${ID} is disabled: ${broken.disabledReason} (darkroom webhooks show ${ID})`,
    },
  ]);
});
