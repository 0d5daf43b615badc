import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer, dropped, FaultServer, silent } from "@darkroom/provider-kit/fault-server";
import { API_KEY, Harness } from "../test/harness.ts";
import { createEachSense } from "./index.ts";

const PICTURE = "https://cdn.test/out/1.png";
const OTHER = "https://cdn.test/out/2.png";
const VIDEO = "https://cdn.test/out/3.mp4";
const PROMPT = "Polish this portrait for a headshot";
const ANSWER = "Keep it natural.";

const turn = (user_prompt: string, ...generated_media_urls: string[]) => ({ user_prompt, generated_media_urls });
const memory = (...conversation_history: object[]) => ({
  session_id: "s",
  conversation_history,
  total_exchanges: conversation_history.length,
});
const found = (url: string) => ({ kind: "found", url });
const FINISHED = { kind: "finished_without_output", exchanges: 1 };
const NOTHING = { kind: "nothing_yet" };
const signal = new AbortController().signal;

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start();
});

afterAll(async () => {
  await harness.close();
});

/** Content of the memory, number of turns answered before, and the expected answer. */
const LINES: readonly (readonly [title: string, held: object, exchangesBefore: number, expected: object])[] = [
  ["finds a turn by its words", memory(turn(PROMPT, PICTURE)), 0, found(PICTURE)],
  [
    "finds it with other white space",
    memory(turn(`  Polish this\nportrait for a headshot `, PICTURE)),
    0,
    found(PICTURE),
  ],
  ["finds it by words that were cut", memory(turn("Polish this portrait…", PICTURE)), 0, found(PICTURE)],
  ["takes the newest picture", memory(turn(PROMPT, OTHER, PICTURE, VIDEO)), 0, found(PICTURE)],
  ["takes the newest turn", memory(turn(PROMPT, OTHER), turn(PROMPT, PICTURE)), 0, found(PICTURE)],
  ["takes the turn with a picture", memory(turn(PROMPT, PICTURE), turn(PROMPT)), 0, found(PICTURE)],
  ["leaves out turns answered before", memory(turn(PROMPT, OTHER)), 1, NOTHING],
  ["tells equal steps apart", memory(turn(PROMPT, OTHER), turn(PROMPT, PICTURE)), 1, found(PICTURE)],
  ["prefers the words to the order", memory(turn(PROMPT, PICTURE), turn("Something else", OTHER)), 0, found(PICTURE)],
  ["goes by number where the words differ", memory(turn("a", OTHER), turn("b", PICTURE)), 1, found(PICTURE)],
  ["goes by number where no words are told", memory({ generated_media_urls: [PICTURE] }), 0, found(PICTURE)],
  [
    "counts turns that the provider dropped",
    { conversation_history: [turn(PROMPT, PICTURE)], total_exchanges: 3 },
    2,
    found(PICTURE),
  ],
  ["knows a turn that made nothing", memory(turn(PROMPT)), 0, FINISHED],
  ["knows a turn that made only a video", memory(turn(PROMPT, VIDEO)), 0, FINISHED],
  ["finds nothing in an empty memory", memory(), 0, NOTHING],
  ["finds nothing where no turn was ever recorded", { session_id: "s", total_exchanges: 0 }, 0, NOTHING],
];

/** The same columns for a turn whose recipe has a prepared answer, searched from the beginning. */
const ASKED: readonly (readonly [title: string, held: object, expected: object])[] = [
  ["finds the picture of the answer", memory(turn(PROMPT), turn(ANSWER, PICTURE)), found(PICTURE)],
  ["finds that of any of its answers", memory(turn(PROMPT), turn("Studio", PICTURE)), found(PICTURE)],
  [
    "finds it where the answer was refused first",
    memory(turn(PROMPT), turn(ANSWER), turn(ANSWER, PICTURE)),
    found(PICTURE),
  ],
  [
    "finds it where the turn was sent once more",
    memory(turn(PROMPT), turn(ANSWER, PICTURE), turn(PROMPT)),
    found(PICTURE),
  ],
  [
    "takes no other turn's words for an answer",
    memory(turn(PROMPT), turn("Something else", OTHER)),
    { kind: "finished_without_output", exchanges: 2 },
  ],
  [
    "takes the answer of another turn for that turn's",
    memory(turn(PROMPT), turn("Something else"), turn(ANSWER, OTHER)),
    { kind: "finished_without_output", exchanges: 3 },
  ],
  [
    "takes what follows a picture for the next turn's",
    memory(turn(PROMPT, PICTURE), turn(ANSWER, OTHER)),
    found(PICTURE),
  ],
];

describe("recall of a turn about which the agent may have asked", () => {
  it.each(ASKED)("%s", async (_, held, expected) => {
    harness.server.plan(answer(200, held));
    const request = { sessionId: "s", prompt: PROMPT, exchangesBefore: 0, answers: [ANSWER, "Studio"] };
    await expect(harness.provider.recall(request, signal)).resolves.toEqual(expected);
  });
});

describe("recall", () => {
  it.each(LINES)("%s", async (_, held, exchangesBefore, expected) => {
    harness.server.plan(answer(200, held));
    const request = { sessionId: "s 1&x", prompt: PROMPT, exchangesBefore };
    await expect(harness.provider.recall(request, signal)).resolves.toEqual(expected);
    const seen = harness.server.requests.at(-1);
    expect(seen?.line).toBe("GET /memory?session_id=s%201%26x");
    expect(seen?.headers["x-api-key"]).toBe(API_KEY);
  });

  it.each([
    [
      "JSON behind a byte order mark",
      answer(200, `\uFEFF${JSON.stringify(memory(turn(PROMPT, PICTURE)))}`),
      found(PICTURE),
    ],
    ["HTTP 404", answer(404, "<h1>no</h1>"), NOTHING],
    ["SESSION_NOT_FOUND", answer(400, { error_code: "SESSION_NOT_FOUND" }), NOTHING],
    ["HTTP 401", answer(401, {}), { kind: "blocked", reason: "auth" }],
    ["HTTP 402", answer(402, {}), { kind: "blocked", reason: "balance" }],
    ["HTTP 429", answer(429, {}, { "retry-after": "5" }), { kind: "unavailable", retryAfterMs: 5_000 }],
    ["HTTP 503", answer(503, {}), { kind: "unavailable" }],
    ["a page", answer(200, "<h1>hello</h1>"), { kind: "unavailable" }],
    ["JSON of another shape", answer(200, { ok: true }), { kind: "unavailable" }],
    ["a dropped connection", dropped, { kind: "unavailable" }],
  ])("reads %s", async (_, reply, expected) => {
    harness.server.plan(reply);
    const result = await harness.provider.recall({ sessionId: "s", prompt: PROMPT, exchangesBefore: 0 }, signal);
    expect(result).toMatchObject(expected);
  });

  it("reports why no connection could be made, and marks it", async () => {
    const gone = await FaultServer.start();
    const provider = createEachSense({ apiKey: API_KEY, baseUrl: gone.url });
    await gone.close();
    await expect(provider.recall({ sessionId: "s", prompt: PROMPT, exchangesBefore: 0 }, signal)).resolves.toEqual({
      kind: "unavailable",
      unreached: true,
      message: "no connection to the memory of each::sense (ECONNREFUSED: it refused the connection)",
    });
    await provider.close();
  });

  it("is unavailable when the caller aborts", async () => {
    harness.server.plan(silent);
    const request = { sessionId: "s", prompt: PROMPT, exchangesBefore: 0 };
    await expect(harness.provider.recall(request, AbortSignal.timeout(50))).resolves.toMatchObject({
      kind: "unavailable",
    });
  });
});

describe("forget", () => {
  it.each([
    ["a cleared session", answer(200, {}), true],
    ["a session that was not there", answer(404, {}), true],
    ["a refusal", answer(500, {}), false],
    ["a dropped connection", dropped, false],
  ])("answers %s without throwing", async (_, reply, expected) => {
    harness.server.plan(reply);
    await expect(harness.provider.forget("s", signal)).resolves.toBe(expected);
    expect(harness.server.requests.at(-1)?.line).toBe("DELETE /memory?session_id=s");
  });
});

describe("health", () => {
  it("reports whether the account answers", async () => {
    harness.server.plan(answer(200, { status: "ok" }), answer(401, {}));
    await expect(harness.provider.health(signal)).resolves.toMatchObject({ ok: true });
    await expect(harness.provider.health(signal)).resolves.toMatchObject({ ok: false });
    expect(harness.server.requests.at(-1)?.line).toBe("GET /health");
  });

  it("does not throw when no server answers", async () => {
    const gone = await FaultServer.start();
    const provider = createEachSense({ apiKey: API_KEY, baseUrl: gone.url });
    await gone.close();
    await expect(provider.health(signal)).resolves.toMatchObject({ ok: false });
    await provider.close();
  });
});
