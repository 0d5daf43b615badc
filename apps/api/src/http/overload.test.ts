import { expect, test } from "vitest";
import { until } from "@darkroom/testkit";
import { createServer } from "../server.ts";

/** Keeps the event loop busy. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("an overloaded process refuses requests with a problem, stays alive for its orchestrator, and recovers", async () => {
  const app = await createServer({ apiKey: undefined, maxLoopDelayMs: 60 });
  const status = async (url: string) => (await app.inject({ url })).statusCode;
  await until(
    async () => {
      block(200);
      return (await status("/openapi.json")) === 503;
    },
    { what: "a refused request" },
  );
  const refused = await app.inject({ url: "/openapi.json" });
  expect(refused.statusCode).toBe(503);
  expect(refused.headers["retry-after"]).toBe("5");
  expect(refused.headers["content-type"]).toContain("application/problem+json");
  expect(refused.json()).toMatchObject({ code: "overloaded", type: "/errors/overloaded", status: 503 });
  expect(await status("/healthz")).toBe(200);
  await until(async () => (await status("/openapi.json")) === 200, { what: "an accepted request" });
  await app.close();
});
