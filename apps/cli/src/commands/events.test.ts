import type { ServerResponse } from "node:http";
import { expect, it } from "vitest";
import type { FeedEvent } from "@darkroom/core";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi, type Asked } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";

const BATCH = testStatus({}).id;

function paused(sequence: number): FeedEvent {
  return {
    id: `${BATCH}.${sequence}-1`,
    batch: BATCH,
    tenant: "default",
    sequence,
    at: "2026-11-21T10:00:00.000Z",
    type: "batch.paused",
    state: "paused",
    data: { by: "person", reason: "lunch" },
  };
}

const frame = (position: string, event: FeedEvent): string =>
  `id: ${position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

function stream(response: ServerResponse, ...frames: readonly string[]): ServerResponse {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(["retry: 2000\n\nid: 0-0\n\n", ...frames].join(""));
  return response;
}

/** Runs the command against an API that answers successive requests for events with `answers`. */
async function run(line: string, ...answers: readonly ((response: ServerResponse) => void)[]) {
  let streams = 0;
  await using api = await startTestApi(({ url }: Asked, response) => {
    if (!url.includes("/events")) {
      sendJson(response, { batches: [testStatus({})], nextCursor: null });
      return;
    }
    answers[streams]?.(response);
    streams += 1;
  });
  const output = testStreams();
  const variables = { DARKROOM_API_URL: api.url };
  const code = await runProgram(line.split(" "), { variables, cwd: "/nowhere", streams: output });
  return { code, out: output.out(), err: output.err(), asked: api.asked.map(({ url }) => url) };
}

it("lists the kept events of all batches, and reports gaps", async () => {
  const gap = 'event: feed.gap\ndata: {"reason":"trimmed","after":"5-0","oldest":null}\n\n';
  const { code, out, err, asked } = await run("events --after 5-0", (response) =>
    stream(response, gap, frame("9-0", paused(3))).end(),
  );
  expect(code).toBe(0);
  expect(asked).toEqual(["/v1/events?after=5-0&follow=false"]);
  expect(out).toMatch(new RegExp(`^21 Nov 2026.*  ${BATCH}  batch.paused +by person, reason lunch\n$`));
  expect(err).toBe("Some events after this position are not kept any more.\n");
});

it("prints a line of JSON for each event, with its position", async () => {
  const { out } = await run("events --json", (response) => stream(response, frame("9-0", paused(3))).end());
  expect(JSON.parse(out)).toEqual({ position: "9-0", ...paused(3) });
});

it("follows a batch to its end across a lost connection, without missing or repeating an event", async () => {
  const { code, out, asked } = await run(
    "events --batch last --follow --json",
    (response) => stream(response, `event: batch\ndata: {}\n\n`, frame("3-1", paused(3))).destroy(),
    (response) => response.destroy(),
    (response) => stream(response, frame("4-1", paused(4)), "event: batch-end\ndata: null\n\n").end(),
  );
  expect(code).toBe(0);
  const positions = out
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { position: string }).position);
  expect(positions.at(-1)).toBe("4-1");
  expect(new Set(positions).size).toBe(positions.length);
  const path = `/v1/batches/${BATCH}/events`;
  expect(asked[1]).toBe(`${path}?after=0&follow=true`);
  expect(asked.at(-1)).toMatch(new RegExp(`^${path}\\?after=(0|3-1)&follow=true$`));
});

it("refuses a position that is none", async () => {
  expect((await run("events --after yesterday")).code).toBe(2);
});
