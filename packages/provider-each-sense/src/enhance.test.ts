import { MAX_PROMPT_CHARS } from "@darkroom/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bytes, CUT, DONE, event, HANG, silent, stream, until } from "@darkroom/provider-kit/fault-server";
import { API_KEY, Harness, REQUEST } from "../test/harness.ts";
import { createEachSense } from "./index.ts";

const FIRST = "https://cdn.test/out/1.png?sig=aaaa";
const SECOND = "https://cdn.test/out/2.png?sig=bbbb";
const VIDEO = "https://cdn.test/out/3.mp4";

const thinking = event({ type: "thinking_delta", content: "hm" });
const generation = (url: string, ...before: string[]) =>
  event({ type: "generation_response", url, generations: [...before, url], total: before.length + 1, model: "nano" });
const complete = event({ type: "complete", task_id: "t", status: "ok", generations: [] });

let harness: Harness;

beforeEach(async () => {
  harness = await Harness.start();
});

afterEach(async () => {
  await harness.close();
});

describe("the request", () => {
  it("contains the contract's fields, and the key in its header", async () => {
    await harness.enhance(stream(generation(FIRST), complete, DONE));
    const [request] = harness.server.requests;
    expect(request?.line).toBe("POST /chat");
    expect(request?.headers).toMatchObject({ "x-api-key": API_KEY, accept: "text/event-stream" });
    expect(JSON.parse(request?.body ?? "")).toEqual({
      message: REQUEST.prompt,
      session_id: REQUEST.sessionId,
      mode: "eco",
      behavior: "agent",
      image_urls: [REQUEST.imageUrl],
      stream: true,
      web_search: false,
      enable_safety_checker: true,
    });
  });

  it("contains no picture on a later turn of the session", async () => {
    const { imageUrl: _, ...later } = REQUEST;
    await harness.enhance(stream(generation(FIRST), complete, DONE), {}, later);
    const body: unknown = JSON.parse(harness.server.requests[0]?.body ?? "");
    expect(body).toMatchObject({ message: REQUEST.prompt, session_id: REQUEST.sessionId });
    expect(body).not.toHaveProperty("image_urls");
  });

  it("with a prompt that is too long is rejected without being sent", async () => {
    const long = { ...REQUEST, prompt: "x".repeat(MAX_PROMPT_CHARS + 1) };
    await expect(harness.enhance(silent, {}, long)).resolves.toMatchObject({
      kind: "refused",
      code: "invalid_request",
    });
    expect(harness.server.requests).toHaveLength(0);
  });

  it("supports the chat-completions dialect", async () => {
    const other = await Harness.start({ dialect: "chat-completions" });
    const chunk = (eachlabs?: object) => event({ object: "chat.completion.chunk", choices: [{ delta: {} }], eachlabs });
    const result = await other.enhance(
      stream(
        chunk({ type: "thinking_delta", content: "x" }),
        chunk(),
        chunk({ type: "generation_response", url: FIRST }),
        chunk({ type: "complete", status: "ok" }),
        DONE,
      ),
    );
    expect(result).toEqual({ kind: "output", url: FIRST });
    const [request] = other.server.requests;
    expect(request?.line).toBe("POST /v1/chat/completions");
    expect(request?.headers.authorization).toBe(`Bearer ${API_KEY}`);
    expect(JSON.parse(request?.body ?? "")).toMatchObject({
      model: "eachsense/beta",
      messages: [{ role: "user", content: REQUEST.prompt }],
      session_id: REQUEST.sessionId,
    });
    await other.close();
  });

  it.each([
    ["no URL", { baseUrl: "sense" }],
    ["another protocol", { baseUrl: "ftp://sense.test" }],
    ["a query", { baseUrl: "https://sense.test/?key=1" }],
    ["an empty key", { apiKey: "" }],
    ["a key with a line break", { apiKey: "abc\ndef" }],
  ])("rejects settings with %s, without showing the key", (_, options) => {
    const create = () => createEachSense({ apiKey: API_KEY, ...options });
    expect(create).toThrow(expect.objectContaining({ code: "invalid_settings" }));
    expect(create).not.toThrow(API_KEY);
    expect(create).not.toThrow(/abc|def/);
  });
});

describe("successful answers", () => {
  it("return the picture after reporting it", async () => {
    await expect(harness.enhance(stream(thinking, generation(FIRST), complete, DONE))).resolves.toEqual({
      kind: "output",
      url: FIRST,
      model: "nano",
    });
    expect(harness.outputs).toEqual([FIRST]);
  });

  it("pause reading until onOutput has finished", async () => {
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    harness.onOutput = async (url) => {
      order.push(`begin ${url}`);
      if (url === FIRST) {
        // At this point, both the rest of these bytes and more data on the wire have arrived.
        await gate.promise;
      }
      order.push(`end ${url}`);
    };
    const together = Buffer.concat(
      [generation(FIRST), generation(SECOND, FIRST)].map((step) => Buffer.from("bytes" in step ? step.bytes : "")),
    );
    const sent = Promise.withResolvers<void>();
    const result = harness.enhance(async (call) => {
      await stream(bytes(together), complete, DONE)(call);
      sent.resolve();
    });
    await sent.promise;
    await vi.waitFor(() => expect(order).toEqual([`begin ${FIRST}`]));
    expect(harness.outputs).toEqual([FIRST]);
    gate.resolve();
    await expect(result).resolves.toMatchObject({ kind: "output", url: SECOND });
    expect(order).toEqual([`begin ${FIRST}`, `end ${FIRST}`, `begin ${SECOND}`, `end ${SECOND}`]);
  });

  it("reject with the error of onOutput, and drop the stream", async () => {
    harness.onOutput = () => Promise.reject(new Error("no receipt"));
    await expect(harness.enhance(stream(generation(FIRST), HANG))).rejects.toThrow("no receipt");
    await vi.waitFor(async () => expect(await harness.server.connections()).toBe(0));
  });

  it("return the last of two pictures, and report each once", async () => {
    const steps = [generation(FIRST), generation(FIRST), generation(SECOND, FIRST)];
    await expect(harness.enhance(stream(...steps, complete, DONE))).resolves.toMatchObject({ url: SECOND });
    expect(harness.outputs).toEqual([FIRST, SECOND]);
  });

  it("skip a video among the outputs", async () => {
    const steps = [generation(FIRST), generation(VIDEO, FIRST)];
    await expect(harness.enhance(stream(...steps, complete, DONE))).resolves.toMatchObject({ url: FIRST });
    expect(harness.outputs).toEqual([FIRST]);
  });

  it("recognize a video without an extension by its type", async () => {
    const url = "https://cdn.test/out/xyz";
    const video = event({ type: "generation_response", url, generations: [FIRST, { url, type: "video/mp4" }] });
    await expect(harness.enhance(stream(video, complete, DONE))).resolves.toMatchObject({ url: FIRST });
  });

  it.each([
    ["output", { output: FIRST }],
    ["a list", { output: [SECOND, { url: FIRST, type: "image" }, VIDEO] }],
    ["all_outputs", { output: VIDEO, all_outputs: { a: SECOND, b: [FIRST] } }],
  ])("use the picture of an execution: %s", async (_, fields) => {
    const executed = event({ type: "execution_completed", status: "completed", ...fields });
    await expect(harness.enhance(stream(executed, complete, DONE))).resolves.toMatchObject({ url: FIRST });
    expect(harness.outputs).toEqual([FIRST]);
  });

  it("prefer a generation to an execution's outputs", async () => {
    const executed = event({ type: "execution_completed", status: "completed", output: SECOND });
    await expect(harness.enhance(stream(generation(FIRST), executed, complete, DONE))).resolves.toMatchObject({
      url: FIRST,
    });
    await expect(harness.enhance(stream(executed, generation(FIRST), complete, DONE))).resolves.toMatchObject({
      url: FIRST,
    });
  });

  it("use and report the picture of complete when there was none before", async () => {
    const late = event({ type: "complete", status: "ok", generations: [{ url: FIRST }, VIDEO], model: "m" });
    await expect(harness.enhance(stream(late, DONE))).resolves.toEqual({ kind: "output", url: FIRST, model: "m" });
    expect(harness.outputs).toEqual([FIRST]);
  });

  it("accept [DONE] after a picture as an orderly end", async () => {
    await expect(harness.enhance(stream(generation(FIRST), DONE))).resolves.toMatchObject({ url: FIRST });
  });

  it("need no [DONE] after complete, nor the connection's end", async () => {
    await expect(harness.enhance(stream(generation(FIRST), complete))).resolves.toMatchObject({ url: FIRST });
    await expect(harness.enhance(stream(generation(FIRST), complete, HANG))).resolves.toMatchObject({ url: FIRST });
  });

  it("may contain CRLF, comments, unknown events, broken JSON and a split character", async () => {
    const status = Buffer.from('data: {"type":"status","message":"Größe"}\r\n\r\n');
    const middle = status.indexOf("ö") + 1;
    const seen = Promise.withResolvers<void>();
    harness.onOutput = () => {
      seen.resolve();
      return Promise.resolve();
    };
    const result = await harness.enhance(
      stream(
        bytes(": hello\r\n\r\n"),
        event({ type: "from_the_future", url: SECOND, error: null }),
        event([1, 2]),
        bytes('data: {"type":"gener\r\n\r\n'),
        bytes(`data: {"type":"generation_response",\r\ndata: "url":"${FIRST}"}\r\n\r\n`),
        bytes(status.subarray(0, middle)),
        // The picture arrived in the same bytes or earlier. Once the callback has run, the first half was sent
        // separately.
        until(seen.promise),
        bytes(status.subarray(middle)),
        complete,
        DONE,
      ),
    );
    expect(result).toMatchObject({ kind: "output", url: FIRST });
    expect(harness.progress).toEqual([{ message: "Größe" }]);
  });

  it("may contain an event of a megabyte", async () => {
    const big = event({ type: "workflow_fetched", content: "ä".repeat(524_288) });
    await expect(harness.enhance(stream(big, generation(FIRST), complete, DONE))).resolves.toMatchObject({
      url: FIRST,
    });
  });

  it("report progress without links or keys", async () => {
    await harness.enhance(
      stream(
        event({ type: "status", message: `reading ${FIRST} with ${API_KEY}`, tool_name: "t" }),
        event({ type: "progress", message: "half", percent: 50 }),
        event({ type: "tool_call", name: "enhance", input: {} }),
        event({ type: "execution_progress", completed_steps: 1, total_steps: 4 }),
        generation(FIRST),
        complete,
        DONE,
      ),
    );
    expect(harness.progress).toEqual([
      { message: "reading [link to cdn.test] with [key]" },
      { message: "half", percent: 50 },
      { message: "enhance" },
      { message: "step 1 of 4", percent: 25 },
    ]);
  });
});

describe("answers without a picture", () => {
  it("map complete without a picture to no_output, with the agent's text", async () => {
    const said = event({ type: "text_response", content: `Done, see ${FIRST}` });
    await expect(harness.enhance(stream(said, complete, DONE))).resolves.toEqual({
      kind: "failed",
      code: "no_output",
      sent: true,
      billed: "no",
      message: "each::sense finished without a picture; it said: Done, see [link to cdn.test]",
    });
  });

  it("map a lone [DONE] to no_output", async () => {
    await expect(harness.enhance(stream(DONE))).resolves.toMatchObject({ kind: "failed", code: "no_output" });
  });

  it("map a lone video to no_output", async () => {
    const result = await harness.enhance(stream(generation(VIDEO), complete, DONE));
    expect(result).toMatchObject({ kind: "failed", code: "no_output" });
    expect(harness.outputs).toEqual([]);
  });

  it("pass the agent's question on", async () => {
    const asks = event({
      type: "clarification_needed",
      question: `Which face in ${FIRST}?`,
      options: ["left", { label: "right" }, 3],
    });
    const ended = event({ type: "complete", status: "awaiting_input" });
    const expected = {
      kind: "clarification",
      question: "Which face in [link to cdn.test]?",
      options: ["left", "right"],
      message: "each::sense asks: Which face in [link to cdn.test]?",
    };
    await expect(harness.enhance(stream(asks, ended, DONE))).resolves.toEqual(expected);
    await expect(harness.enhance(stream(asks, DONE))).resolves.toEqual(expected);
    await expect(harness.enhance(stream(asks, CUT))).resolves.toEqual(expected);
  });

  it("pass on a question that only the text reveals", async () => {
    const said = event({ type: "text_response", content: "Which style?" });
    const ended = event({ type: "complete", status: "clarification_needed" });
    await expect(harness.enhance(stream(said, ended, DONE))).resolves.toMatchObject({
      kind: "clarification",
      question: "Which style?",
      options: [],
    });
  });

  it("keep a picture although the agent asks something after it", async () => {
    const ended = event({ type: "complete", status: "awaiting_input", question: "Anything else?" });
    await expect(harness.enhance(stream(generation(FIRST), ended, DONE))).resolves.toMatchObject({ url: FIRST });
  });

  it("map complete with status error like an error", async () => {
    const ended = event({ type: "complete", status: "error", message: "No face detected" });
    await expect(harness.enhance(stream(ended, DONE))).resolves.toMatchObject({ kind: "refused", code: "no_face" });
  });
});
