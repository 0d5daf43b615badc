import { expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";

const RUNNING = testStatus(
  { succeeded: 4, running: 6, pending: 10 },
  { estimatedCostUsd: 4, costUsd: 0.8, lane: "each-sense" },
);
const QUIET = testStatus({ succeeded: 4, pending: 10 }, { estimatedCostUsd: 4, lane: "each-sense" });
const FLIGHT = /6 portraits are with the provider now and may be billed, up to 1\.20 USD; pause lets them finish/;
const AFTER = "6 portraits were with the provider and may be billed, up to 1.20 USD; pause would have let them finish.";

interface CancelOptions {
  readonly before?: typeof RUNNING;
  readonly isTTY?: boolean;
  readonly args?: readonly string[];
  /** The answer typed by the user. */
  readonly keys?: string;
}

async function cancel({ before = RUNNING, isTTY = false, args = [], keys }: CancelOptions) {
  await using api = await startTestApi(({ method }, response) =>
    sendJson(response, method === "POST" ? { ...before, state: "finishing", cancelling: true } : before),
  );
  const streams = testStreams({ isTTY });
  const variables = { DARKROOM_API_URL: api.url };
  const ended = runProgram(["cancel", before.id, ...args], { variables, cwd: "/nowhere", streams });
  if (keys !== undefined) {
    await until(() => streams.err().includes("Cancel anyway?"), { what: "the question" });
    (streams.stdin as unknown as { write(text: string): void }).write(keys);
  }
  const code = await ended;
  const orders = api.asked.filter(({ method }) => method === "POST").map(({ url }) => url.replace(/.*\//, ""));
  return { code, orders, out: streams.out(), err: streams.err() };
}

it("asks at a terminal before it drops portraits in flight, and cancels nothing without a yes", async () => {
  const { code, orders, out, err } = await cancel({ isTTY: true, keys: "n" });
  expect(err).toMatch(FLIGHT);
  expect(err).toContain(`darkroom pause ${RUNNING.id}`);
  expect({ code, orders }).toEqual({ code: 0, orders: [] });
  expect(out).toContain(`Batch ${RUNNING.id} is not cancelled.`);
});

it("cancels at a terminal after a yes, and does not repeat what may be billed", async () => {
  const { code, orders, out, err } = await cancel({ isTTY: true, keys: "y" });
  expect({ code, orders }).toEqual({ code: 0, orders: ["cancel"] });
  expect(out).toContain("is cancelled; delivered results stay");
  expect(err).not.toContain(AFTER);
});

it.each([
  ["without a terminal", { isTTY: false }],
  ["with --json", { isTTY: true, args: ["--json"] }],
  ["with --yes", { isTTY: true, args: ["--yes"] }],
])("cancels without a question %s, and reports afterwards what may be billed", async (_, options) => {
  const { code, orders, err } = await cancel(options);
  expect({ code, orders }).toEqual({ code: 0, orders: ["cancel"] });
  expect(err).toContain(AFTER);
  expect(err).not.toContain("Cancel anyway?");
});

it("asks nothing about a batch without portraits in flight", async () => {
  const { code, orders, err } = await cancel({ before: QUIET, isTTY: true });
  expect({ code, orders }).toEqual({ code: 0, orders: ["cancel"] });
  expect(err).not.toContain("billed");
});
