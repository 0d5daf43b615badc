import { describe, expect, it } from "vitest";
import { SseReader } from "./sse.ts";

function reader(limit?: number): { readonly reader: SseReader; readonly events: unknown[] } {
  const events: unknown[] = [];
  const handler = {
    onEvent: (value: unknown) => {
      events.push(value);
      return undefined;
    },
  };
  return { reader: new SseReader(handler, limit), events };
}

const STREAM = Buffer.from(
  [
    ": a comment",
    'data: {"a":"äöü – 🙂"}',
    "",
    "event: anything",
    'data: {"b":',
    "data: [1,2]}",
    "",
    "data: not json",
    "",
    "",
    'data:{"c":3}',
    "",
    "data: [DONE]",
    "",
    "",
  ].join("\n"),
);
const EVENTS = [{ a: "äöü – 🙂" }, { b: [1, 2] }, { c: 3 }];

describe("SseReader", () => {
  it.each([
    ["LF", STREAM],
    ["CRLF", Buffer.from(STREAM.toString().replaceAll("\n", "\r\n"))],
    ["CR", Buffer.from(STREAM.toString().replaceAll("\n", "\r"))],
  ])("reads the same events wherever the bytes are split (%s)", (_, bytes) => {
    for (let at = 0; at <= bytes.length; at += 1) {
      const { reader: sse, events } = reader();
      void sse.feed(bytes.subarray(0, at));
      void sse.feed(bytes.subarray(at));
      // A lone CR at the very end may be half of a CRLF, so the last event waits for the next byte.
      void sse.feed(Buffer.from("\n"));
      expect(events).toEqual(EVENTS);
      expect(sse.malformed).toBe(1);
      expect(sse.done).toBe(true);
    }
  });

  it("reads the same events byte by byte", () => {
    const { reader: sse, events } = reader();
    for (const byte of STREAM) void sse.feed(Buffer.of(byte));
    expect(events).toEqual(EVENTS);
    expect(sse.done).toBe(true);
  });

  it("returns nothing of a truncated event, and is not done", () => {
    const { reader: sse, events } = reader();
    void sse.feed(Buffer.from('data: {"a":1}\n\ndata: {"b":'));
    expect(events).toEqual([{ a: 1 }]);
    expect(sse.finished).toBe(false);
  });

  it("reads an event of a megabyte", () => {
    const { reader: sse, events } = reader();
    const big = "x".repeat(1_048_576);
    const bytes = Buffer.from(`data: ${JSON.stringify({ big })}\n\n`);
    for (let at = 0; at < bytes.length; at += 65_536) void sse.feed(bytes.subarray(at, at + 65_536));
    expect(events).toEqual([{ big }]);
  });

  it("stops at an event that exceeds its limit", () => {
    const { reader: sse, events } = reader(100);
    void sse.feed(Buffer.from(`data: {"a":1}\n\ndata: "${"x".repeat(200)}`));
    expect(sse.overflowed).toBe(true);
    expect(sse.finished).toBe(true);
    void sse.feed(Buffer.from('"\n\ndata: {"b":1}\n\n'));
    expect(events).toEqual([{ a: 1 }]);
  });

  it("withholds the rest of the same bytes until a handler's promise settles", async () => {
    const seen: unknown[] = [];
    const gate = Promise.withResolvers<undefined>();
    const sse = new SseReader({
      onEvent: (value) => {
        seen.push(value);
        return value === 1 ? gate.promise : undefined;
      },
    });
    const held = sse.feed(Buffer.from("data: 1\n\ndata: 2\n\ndata: 3\n\n"));
    expect(held).toBeInstanceOf(Promise);
    expect(seen).toEqual([1]);
    gate.resolve(undefined);
    await held;
    expect(seen).toEqual([1, 2, 3]);
    expect(sse.feed(Buffer.from("data: 4\n\n"))).toBeUndefined();
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it("rejects with the handler's error", async () => {
    const sse = new SseReader({ onEvent: () => Promise.reject(new Error("no receipt")) });
    await expect(sse.feed(Buffer.from("data: 1\n\n"))).rejects.toThrow("no receipt");
  });

  it("ignores everything after the last event", () => {
    const seen: unknown[] = [];
    const sse = new SseReader({
      onEvent: (value) => {
        seen.push(value);
        return "last";
      },
    });
    void sse.feed(Buffer.from("data: 1\n\ndata: 2\n\n"));
    expect(seen).toEqual([1]);
    expect(sse.finished).toBe(true);
  });
});
