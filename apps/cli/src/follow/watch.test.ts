import type { ServerResponse } from "node:http";
import { expect, it, vi } from "vitest";
import { WAIT_ENDS, type BatchStatus } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { DarkroomClient } from "../api/client.ts";
import type { WatchEvent } from "../api/event-reader.ts";
import { Interrupted } from "../exit-codes.ts";
import { createProgressView } from "./progress-view.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";
import { watchBatch } from "./watch.ts";

const RUNNING = testStatus({ succeeded: 1, running: 1 });
const ENDED = testStatus({ succeeded: 2 }, { state: "completed" });
const frame = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

function openStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("retry: 2000\n\n: ping\n\n");
}

function watching(url: string, signal = new AbortController().signal, awayMs = 5_000) {
  const client = new DarkroomClient(url, undefined);
  const streams = testStreams();
  const view = createProgressView(streams.stderr);
  const events: WatchEvent[] = [];
  const watch = async (): Promise<BatchStatus> => {
    try {
      return await watchBatch({ client, batchId: "x", view, signal, awayMs, onEvent: (event) => events.push(event) });
    } finally {
      view.close();
      await client.close();
    }
  };
  const watched = watch();
  return { watched, events, err: streams.err };
}

it("ends with the batch, across split events and unknown ones", async () => {
  await using api = await startTestApi((_, response) => {
    openStream(response);
    const bytes = Buffer.from(
      frame("batch", { ...RUNNING, name: "Zoë 📷" }) +
        frame("weather", {}) +
        frame("portrait-retry", { index: 3, message: "503", delayMs: 20 }) +
        frame("batch-diverted", { lane: "phota" }) +
        frame("batch-end", ENDED),
    );
    const write = (at: number): void => {
      if (at >= bytes.length) response.end();
      else response.write(bytes.subarray(at, at + 7), () => write(at + 7));
    };
    write(0);
  });
  const { watched, events, err } = watching(api.url);
  expect(await watched).toEqual(ENDED);
  expect(events.map(({ type }) => type)).toEqual(["batch", "portrait-retry", "batch-diverted", "batch-end"]);
  expect(events[0]).toMatchObject({ status: { name: "Zoë 📷" } });
  expect(err()).toBe(
    "running: 1 of 2 done · 1 succeeded · 1 running\n" +
      "The lane stays blocked: phota does the work from now on.\n" +
      "completed: 2 of 2 done · 2 succeeded\n",
  );
});

it("ends when the batch waits for a user, and not while something is still running", async () => {
  const pausing = testStatus({ succeeded: 1, running: 1 }, { state: "paused", pausedBy: "person", reason: "lunch" });
  const paused = testStatus({ succeeded: 2, pending: 1 }, { state: "paused", pausedBy: "person", reason: "lunch" });
  await using api = await startTestApi((_, response) => {
    openStream(response);
    response.write(frame("batch", pausing) + frame("batch", paused));
  });
  const { watched, events, err } = watching(api.url);
  expect(await watched).toEqual(paused);
  expect(events).toHaveLength(2);
  expect(err()).toContain("Paused: lunch. Portraits in flight finish first.\n");
});

it("reconnects when the stream breaks, and reports so once", async () => {
  await using api = await startTestApi((_, response, nth) => {
    if (nth === 2) return void response.destroy();
    openStream(response);
    if (nth === 1) response.write(frame("batch", RUNNING), () => response.destroy());
    else response.end(frame("batch-end", ENDED));
  });
  const { watched, err } = watching(api.url);
  expect(await watched).toEqual(ENDED);
  expect(api.asked).toHaveLength(3);
  expect(err().match(/connection to the API is lost/g)).toHaveLength(1);
  expect(err()).toContain("Connected again.");
});

it("reads the batch when the last event does not contain it", async () => {
  await using api = await startTestApi(({ url }, response) => {
    if (!url.endsWith("/events")) return sendJson(response, ENDED);
    openStream(response);
    response.end(frame("batch-end", null));
  });
  expect(await watching(api.url).watched).toEqual(ENDED);
});

it("gives up an API that stays away, and a missing batch at once", async () => {
  await using away = await startTestApi((_, response) => void response.destroy());
  await expect(watching(away.url, undefined, 300).watched).rejects.toMatchObject({ exitCode: 5 });
  const problem = { code: "not_found", detail: "There is no such batch." };
  await using api = await startTestApi((_, response) => sendJson(response, problem, 404, "application/problem+json"));
  await expect(watching(api.url).watched).rejects.toMatchObject({ code: "not_found" });
  expect(api.asked).toHaveLength(1);
});

it("stops at once when it is interrupted", async () => {
  await using api = await startTestApi((_, response) => {
    openStream(response);
    response.write(frame("batch", RUNNING));
  });
  const controller = new AbortController();
  const { watched, events } = watching(api.url, controller.signal);
  await until(() => events.length === 1, { what: "the first event" });
  controller.abort(new Interrupted());
  await expect(watched).rejects.toBeInstanceOf(Interrupted);
});

it("reports once why a batch waits, and once that it continues", () => {
  const streams = testStreams();
  const view = createProgressView(streams.stderr);
  const blocked = {
    ...RUNNING,
    blocked: { what: "lane", reason: "balance", since: "", message: "top it up", nextLookAt: "" },
  } as const;
  for (const status of [blocked, blocked, RUNNING, RUNNING]) view.batch(status);
  view.close();
  expect(streams.err().match(/top it up/g)).toHaveLength(1);
  expect(streams.err().match(/It continues\./g)).toHaveLength(1);
});

it.each([
  ["has ended", { state: "completed" }, /It continues/],
  [
    "is cancelled elsewhere",
    { cancelling: true, state: "paused", reason: "paused by a person" },
    /It continues|Paused/,
  ],
] as const)("does not say that a batch continues that %s", (_, change, never) => {
  const streams = testStreams();
  const view = createProgressView(streams.stderr);
  view.batch({
    ...RUNNING,
    blocked: { what: "lane", reason: "balance", since: "", message: "top it up", nextLookAt: "" },
  });
  view.batch({ ...RUNNING, ...change });
  view.close();
  expect(streams.err()).toContain("top it up");
  expect(streams.err()).not.toMatch(never);
  expect(streams.err().includes("The batch was cancelled: portraits in flight end")).toBe("cancelling" in change);
});

it("reports when the hours of a batch begin", () => {
  const streams = testStreams();
  const view = createProgressView(streams.stderr);
  view.batch({
    ...RUNNING,
    waiting: [
      { reason: "window", count: 1, nextLookAt: "2026-11-21T21:00:00.000Z", endsWhen: WAIT_ENDS.window, message: null },
    ],
  });
  view.batch(RUNNING);
  view.close();
  expect(streams.err()).toMatch(/Waiting for its hours, which begin at 2[12] Nov 2026, \d\d:00 \(.+\)\n/);
  expect(streams.err()).toContain("It continues.");
});

it("reports a wait only once it has lasted", () => {
  vi.useFakeTimers();
  try {
    const streams = testStreams();
    const view = createProgressView(streams.stderr);
    const wait = { count: 0, nextLookAt: null, endsWhen: WAIT_ENDS.report, message: null } as const;
    const reporting = { ...RUNNING, state: "finishing", waiting: [{ ...wait, reason: "report" }] } as const;
    view.batch(reporting);
    vi.advanceTimersByTime(2_000);
    view.batch(RUNNING);
    vi.advanceTimersByTime(5_000);
    expect(streams.err()).not.toContain("Waiting");
    expect(streams.err()).not.toContain("It continues.");
    view.batch(reporting);
    vi.advanceTimersByTime(5_000);
    expect(streams.err().match(/Waiting for its report, until/g)).toHaveLength(1);
    view.batch(RUNNING);
    expect(streams.err()).toContain("It continues.");
    view.batch(reporting);
    view.close();
    vi.advanceTimersByTime(5_000);
    expect(streams.err().match(/Waiting/g)).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

it("reports a wait once if nothing is running, whatever the next poll returns", () => {
  vi.useFakeTimers();
  try {
    const streams = testStreams();
    const view = createProgressView(streams.stderr);
    const wait = { reason: "recall", count: 1, endsWhen: WAIT_ENDS.recall, message: null } as const;
    const looks = (minute: string, running: number) => ({
      ...RUNNING,
      counts: { ...RUNNING.counts, running, retrying: 1 },
      waiting: [{ ...wait, nextLookAt: `2026-11-21T21:${minute}:00.000Z` }],
    });
    view.batch(looks("00", 1));
    vi.advanceTimersByTime(5_000);
    expect(streams.err()).not.toContain("Waiting");
    for (const minute of ["01", "02", "03"]) {
      view.batch(looks(minute, 0));
      vi.advanceTimersByTime(5_000);
    }
    const told = /Nothing is running\. Waiting for an earlier call's result: 1 portrait, until .*, next check at /g;
    expect(streams.err().match(told)).toHaveLength(1);
    view.batch({ ...RUNNING, counts: { ...RUNNING.counts, running: 1, retrying: 0 } });
    expect(streams.err()).toContain("It continues.");
    view.close();
  } finally {
    vi.useRealTimers();
  }
});

it("draws a bar at a terminal, with notes above it", () => {
  const streams = testStreams({ isTTY: true });
  const view = createProgressView(streams.stderr);
  view.batch(RUNNING);
  view.note("a note");
  view.batch(ENDED);
  view.close();
  expect(streams.err()).toContain("█");
  expect(streams.err()).toContain("a note\n");
  expect(streams.err()).toContain("2/2");
});

it("reports once that the pilot is the whole batch", async () => {
  const pilot = testStatus({ running: 2 }, { pilot: 5 });
  await using api = await startTestApi((_, response) => {
    openStream(response);
    response.end(frame("batch", pilot) + frame("batch", { ...pilot, revision: 1 }) + frame("batch-end", ENDED));
  });
  const { watched, err } = watching(api.url);
  expect(await watched).toEqual(ENDED);
  expect(err().split("The pilot of 5 is the whole batch of 2 portraits: nothing waits for approval.")).toHaveLength(2);
});

it("names the budget first that has paused a batch without a process", async () => {
  const unattended = {
    missing: ["worker"],
    lacks: [],
    since: null,
    message: "there is no worker for its lane",
  } as const;
  const reason = "the budget: 0.10 of 0.10 USD are spent";
  const paused = testStatus({ running: 1, pending: 2 }, { state: "paused", pausedBy: "budget", reason, unattended });
  await using api = await startTestApi((_, response) => {
    openStream(response);
    response.end(frame("batch", paused) + frame("batch-end", ENDED));
  });
  const { watched, err } = watching(api.url);
  expect(await watched).toEqual(ENDED);
  expect(err()).toContain(`Paused: ${reason}. Waiting for a process to work on it: there is no worker for its lane`);
});
