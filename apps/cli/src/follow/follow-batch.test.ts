import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { BatchStatus, Quote } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { DarkroomClient } from "../api/client.ts";
import { readEnv } from "../environment/env.ts";
import { Interrupted } from "../exit-codes.ts";
import { followBatch } from "./follow-batch.ts";
import type { LocalProcess } from "../local-stack/local-process.ts";
import type { Session } from "../local-stack/session.ts";
import { Terminal } from "../terminal/terminal.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { PLAIN_QUOTE } from "../test-kit/test-quote.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";

const UNCONFIRMED = testStatus(
  { pending: 38, failed: 2 },
  { state: "awaiting_confirmation", estimatedCostUsd: 7.6, failures: { invalid_row: 2 } },
);
const PILOT = testStatus(
  { succeeded: 2, failed: 1, pending: 9 },
  { state: "awaiting_approval", pilot: 3, failures: { no_face: 1 } },
);
const RUNNING = testStatus({ succeeded: 2, running: 1 });
const ENDED = testStatus({ succeeded: 3 }, { state: "completed" });
const CANCELLED = testStatus({ succeeded: 2, cancelled: 1 }, { state: "cancelled" });

let clients: DarkroomClient[] = [];
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
});

interface ApiOptions {
  readonly quote?: Quote;
  /** The batch before the change. Polled while a question is open. */
  readonly before?: () => BatchStatus;
}

/** Starts an API whose batch ends once a decision is made. */
async function startApi(moved: (move: string) => BatchStatus | undefined, { quote, before }: ApiOptions = {}) {
  let end = ENDED;
  let isMoved = false;
  const api = await startTestApi(({ method, url }, response) => {
    const [, move = ""] = /\/(confirm|approve|cancel|resume)$/.exec(url) ?? [];
    if (method === "POST") {
      isMoved = true;
      const status = moved(move);
      if (move === "cancel") end = CANCELLED;
      if (status !== undefined) return sendJson(response, status);
      const problem = { code: "conflict", detail: "This batch cannot be approved: it has ended." };
      return sendJson(response, problem, 409, "application/problem+json");
    }
    if (url.endsWith("/quote")) {
      if (quote !== undefined) return sendJson(response, quote);
      const problem = { code: "storage_unavailable", detail: "The store does not answer." };
      return sendJson(response, problem, 503, "application/problem+json");
    }
    if (url.includes("/portraits")) {
      const ada = { index: 0, id: "ada", source: "ada.jpg", destination: "team/ada.jpg", outcome: null };
      return sendJson(response, { portraits: [ada], nextCursor: null });
    }
    if (url.endsWith("/events")) return sendEnd(response, end);
    sendJson(response, isMoved ? end : (before?.() ?? end));
  });
  return { ...api, orders: () => api.asked.filter(({ url }) => !LOOK.test(url)) };
}

/** Matches polls of the batch and of its failures. Their number depends on how long a question is open. */
const LOOK = /^\/v1\/batches\/\w+(?:\/portraits\?state=failed)?$/;

function sendEnd(response: ServerResponse, status: BatchStatus): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(`event: batch-end\ndata: ${JSON.stringify(status)}\n\n`);
}

interface FollowOptions {
  readonly isTTY: boolean;
  readonly json?: boolean;
  /** Called when this process starts the work; absent for a command that cannot work. */
  readonly startWork?: () => void;
  /** True once the process that serves the API has ended. */
  readonly isOver?: () => Promise<boolean>;
}

function follow(url: string, first: BatchStatus, options: FollowOptions) {
  const streams = testStreams({ isTTY: options.isTTY });
  const client = new DarkroomClient(url, undefined);
  clients.push(client);
  const env = readEnv({ DARKROOM_API_URL: url }, "/");
  const terminal = new Terminal(streams, options.json === true);
  const { startWork } = options;
  const session: Session = {
    client,
    ...(options.isOver === undefined ? {} : { isOver: options.isOver }),
    kind: startWork === undefined ? "named" : "own",
    local: startWork === undefined ? undefined : localProcess(url, startWork),
    placeRules: () => Promise.reject(new Error("nobody asks for places")),
    close: () => client.close(),
  };
  const interrupts = new AbortController();
  const invocation = { env, terminal, signal: interrupts.signal, fail: () => undefined };
  const code = followBatch(invocation, session, { batch: first, provider: () => "twin" });
  const type = async (question: string, keys: string): Promise<void> => {
    await until(() => streams.err().includes(question), { what: question });
    (streams.stdin as unknown as { write(text: string): void }).write(keys);
  };
  return { code, type, interrupt: () => interrupts.abort(new Interrupted()), out: streams.out, err: streams.err };
}

/** A process that runs beside another one with the same data folder. */
function localProcess(apiUrl: string, startWork: () => void): LocalProcess {
  return {
    apiUrl,
    apiKey: undefined,
    redisHow: "",
    logFolder: "",
    twin: undefined,
    isAlone: () => false,
    startWork: async () => startWork(),
    stopWork: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

describe("a command that only shows a batch, at a terminal", () => {
  const LEFT = testStatus(
    { succeeded: 2, queued: 1 },
    { unattended: { missing: ["worker"], lacks: [], since: new Date().toISOString(), message: "no worker" } },
  );

  /**
   * Starts an API for a batch that another process works on until `leave` is called. The batch ends once this process
   * starts to work.
   */
  async function startSharedApi() {
    let standing: BatchStatus = RUNNING;
    let isGone = false;
    const api = await startTestApi(({ url }, response) => {
      if (isGone) return void response.destroy();
      if (!url.endsWith("/events")) return sendJson(response, standing);
      if (standing === ENDED) return sendEnd(response, ENDED);
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(`event: batch\ndata: ${JSON.stringify(standing)}\n\n`);
    });
    return { ...api, becomes: (status: BatchStatus) => void (standing = status), goes: () => void (isGone = true) };
  }

  it.each([
    ["y", 0],
    ["n", 130],
    ["\r", 130],
  ] as const)("asks once whether to continue when the other process stops; %j ends with %i", async (keys, code) => {
    await using api = await startSharedApi();
    let started = 0;
    const startWork = (): void => {
      started += 1;
      api.becomes(ENDED);
    };
    const followed = follow(api.url, RUNNING, { isTTY: true, startWork });
    await until(() => followed.err().includes("this command only shows it"), { what: "the role" });
    api.becomes(LEFT);
    await followed.type("Continue it here?", keys);
    const ended = await followed.code.catch((error: unknown) => error);
    expect(ended instanceof Interrupted ? ended.exitCode : ended).toBe(code);
    expect(started).toBe(code === 0 ? 1 : 0);
    if (code !== 0) expect(String(ended)).toContain(`Continue with: darkroom watch ${LEFT.id}`);
  });

  it.each([true, false])(
    "ends with the next commands when the stack of the folder ends (terminal: %s)",
    async (isTTY) => {
      await using api = await startSharedApi();
      const followed = follow(api.url, RUNNING, { isTTY, isOver: () => Promise.resolve(true) });
      await until(() => api.asked.some(({ url }) => url.endsWith("/events")), { what: "the watch" });
      api.goes();
      if (isTTY) await followed.type("Continue it here?", "n");
      const ended = await followed.code.catch((error: unknown) => error);
      expect(ended instanceof Interrupted ? ended.exitCode : ended).toBe(130);
      expect(String(ended)).toContain(`Continue with: darkroom watch ${RUNNING.id}`);
      expect(String(ended)).toContain(`darkroom cancel ${RUNNING.id}`);
    },
  );

  it("closes the question when another process takes the batch over, and only shows it", async () => {
    await using api = await startSharedApi();
    let started = 0;
    const followed = follow(api.url, RUNNING, { isTTY: true, startWork: () => (started += 1) });
    await until(() => followed.err().includes("this command only shows it"), { what: "the role" });
    api.becomes(LEFT);
    await until(() => followed.err().includes("Continue it here?"), { what: "the question" });
    api.becomes(RUNNING);
    await until(() => followed.err().includes("The question is closed"), { what: "the end of the question" });
    api.becomes(ENDED);
    expect(await followed.code).toBe(0);
    expect(started).toBe(0);
  });
});

describe("at a terminal", () => {
  it("shows a batch's quote, and starts it when the answer is yes", async () => {
    const quote = { ...PLAIN_QUOTE, sample: { ...PLAIN_QUOTE.sample, alreadyDelivered: 12 } };
    await using api = await startApi(() => RUNNING, { quote, before: () => UNCONFIRMED });
    const { code, type, err } = follow(api.url, UNCONFIRMED, { isTTY: true });
    await type("Start it?", "y");
    expect(await code).toBe(0);
    expect(err()).toMatch(/portraits +200\n[^]*delivered +12 already at the destination[^]*\ncost +10\.00 USD/);
    expect(api.orders()[1]).toMatchObject({ method: "POST", url: `/v1/batches/${UNCONFIRMED.id}/confirm` });
  });

  it("names the commands to continue and to cancel the batch when it is interrupted at the question", async () => {
    await using api = await startApi(() => RUNNING, { before: () => UNCONFIRMED });
    const { code, interrupt, err } = follow(api.url, UNCONFIRMED, { isTTY: true });
    await until(() => err().includes("Start it?"), { what: "the question" });
    interrupt();
    await expect(code).rejects.toThrow(
      `Continue with: darkroom confirm ${UNCONFIRMED.id}, or end it with: darkroom cancel ${UNCONFIRMED.id}.`,
    );
    expect(err()).not.toContain("Stopping");
    expect(api.asked.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("starts nothing when the answer is no", async () => {
    await using api = await startApi(() => RUNNING, { before: () => UNCONFIRMED });
    const { code, type, err } = follow(api.url, UNCONFIRMED, { isTTY: true });
    await type("Start it?", "n");
    expect(await code).toBe(6);
    expect(err()).toContain("The quote is not available: The store does not answer.");
    expect(api.orders().map(({ method }) => method)).toEqual(["GET"]);
    expect(err()).toContain(`darkroom confirm ${UNCONFIRMED.id}`);
  });

  it("shows the pilot's results, and continues when they are approved", async () => {
    await using api = await startApi(() => RUNNING, { before: () => PILOT });
    const { code, type, err } = follow(api.url, PILOT, { isTTY: true });
    await type("Continue with the rest?", "\u001B[B\r");
    expect(await code).toBe(0);
    expect(err()).toMatch(/2 succeeded.*1 failed[^]*1 with no_face[^]*s3:\/\/b\/out\/team\/ada\.jpg/);
    expect(api.orders().map(({ url }) => url.replace(/.*\//, ""))).toEqual([
      "portraits?state=succeeded",
      "approve",
      "events",
    ]);
  });

  it("leaves the batch waiting unless another answer is chosen", async () => {
    await using api = await startApi(() => RUNNING, { before: () => PILOT });
    const { code, type } = follow(api.url, PILOT, { isTTY: true });
    await type("Continue with the rest?", "\r");
    expect(await code).toBe(6);
    expect(api.asked.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("stops the batch when that is the answer", async () => {
    await using api = await startApi(() => testStatus({ succeeded: 2, cancelled: 10 }, { state: "finishing" }), {
      before: () => PILOT,
    });
    const { code, type, out } = follow(api.url, PILOT, { isTTY: true });
    await type("Continue with the rest?", "\u001B[B\u001B[B\r");
    expect(await code).toBe(4);
    expect(out()).toMatch(/state +cancelled/);
  });

  it("accepts that another user was faster", async () => {
    await using api = await startApi(() => undefined, { before: () => PILOT });
    const { code, type, err } = follow(api.url, PILOT, { isTTY: true });
    await type("Continue with the rest?", "\u001B[B\r");
    expect(await code).toBe(0);
    expect(err()).toContain("it has ended");
  });

  it.each([
    ["confirmed", "Start it?", UNCONFIRMED],
    ["approved", "Continue with the rest?", PILOT],
  ])("closes the question when the batch is %s elsewhere, and keeps watching", async (_, question, first) => {
    let standing = first;
    await using api = await startApi(() => RUNNING, { before: () => standing });
    const { code, err, out } = follow(api.url, first, { isTTY: true });
    await until(() => err().includes(question), { what: "the question" });
    standing = RUNNING;
    expect(await code).toBe(0);
    expect(err()).toContain("The question is answered elsewhere: the batch is running.");
    expect(out()).toMatch(/state +completed/);
    expect(api.asked.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("asks no question when it is interrupted just after the batch was approved elsewhere", async () => {
    await using api = await startApi(() => RUNNING, { before: () => RUNNING });
    const { code, interrupt, err } = follow(api.url, PILOT, { isTTY: true });
    await until(() => err().includes("Continue with the rest?"), { what: "the question" });
    interrupt();
    await expect(code).rejects.toThrow("The batch continues without this command.");
  });

  it("sends the revision that it asked about with the answer", async () => {
    await using api = await startApi(() => RUNNING, { before: () => PILOT });
    const { code, type } = follow(api.url, { ...PILOT, revision: 4 }, { isTTY: true });
    await type("Continue with the rest?", "\u001B[B\r");
    expect(await code).toBe(0);
    const orders = api.asked.filter(({ method }) => method === "POST");
    expect(orders.map(({ body }) => JSON.parse(body))).toEqual([{ revision: 4 }]);
  });

  const OVER_BUDGET = testStatus(
    { succeeded: 2, pending: 8 },
    {
      state: "paused",
      pausedBy: "budget",
      reason: "the budget: 0.20 of 0.25 USD are spent",
      costUsd: 0.2,
      maxCostUsd: 0.25,
      estimatedCostUsd: 1,
      revision: 4,
    },
  );

  it("offers to raise a budget that has paused a batch, to the estimated total", async () => {
    await using api = await startApi(() => RUNNING, { before: () => OVER_BUDGET });
    const { code, type, err } = follow(api.url, OVER_BUDGET, { isTTY: true });
    await type("Raise its budget to 1.00 USD and continue?", "y");
    expect(await code).toBe(0);
    expect(err()).toContain("The whole batch costs about 1.00 USD, 0.75 USD more than its budget.");
    const orders = api.asked.filter(({ method }) => method === "POST");
    expect(orders.map(({ url, body }) => [url, JSON.parse(body) as unknown])).toEqual([
      [`/v1/batches/${OVER_BUDGET.id}/resume`, { revision: 4, maxCostUsd: 1 }],
    ]);
  });

  it.each([
    ["where the answer is no", true],
    ["without a terminal", false],
  ])("raises no budget %s, and names the command for it", async (_, isTTY) => {
    await using api = await startApi(() => RUNNING, { before: () => OVER_BUDGET });
    const { code, type, err } = follow(api.url, OVER_BUDGET, { isTTY });
    if (isTTY) await type("Raise its budget", "n");
    expect(await code).toBe(6);
    expect(err()).toContain(`Continue with: darkroom resume ${OVER_BUDGET.id} --max-cost 1.00, or end it with`);
    expect(api.asked.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("asks nothing about a batch that paused itself, and says why", async () => {
    await using api = await startApi(() => RUNNING);
    const paused = testStatus({ failed: 10, pending: 90 }, { state: "paused", pausedBy: "breaker", reason: "no_face" });
    const { code, err } = follow(api.url, paused, { isTTY: true });
    expect(await code).toBe(6);
    expect(err()).toMatch(/paused itself: no_face\.[^]*darkroom resume 01k9z+, or end it/);
    expect(api.orders()).toEqual([]);
  });
});

describe("a batch that its breaker holds for a question", () => {
  it("says where to read the questions, and how to answer", async () => {
    await using api = await startApi(() => RUNNING);
    const reason = "the failure breaker: 10 of the last 10 portraits failed with needs_clarification";
    const asking = testStatus({ failed: 10, pending: 90 }, { state: "paused", pausedBy: "breaker", reason });
    const { code, err } = follow(api.url, asking, { isTTY: true });
    expect(await code).toBe(6);
    expect(err()).toContain(`darkroom questions ${asking.id}`);
    expect(err()).toContain(`Continue with: darkroom answer ${asking.id} "<your answer>"`);
  });
});

describe("for a program", () => {
  it("asks nothing, prints one line and the command to continue, and exits with 6", async () => {
    await using api = await startApi(() => RUNNING);
    const { code, out, err } = follow(api.url, PILOT, { isTTY: true, json: true });
    expect(await code).toBe(6);
    expect(JSON.parse(out())).toMatchObject({ state: "awaiting_approval", counts: { succeeded: 2 } });
    expect(err()).toContain(`darkroom approve ${PILOT.id}`);
    expect(err()).not.toContain("Continue with the rest?");
  });
});
