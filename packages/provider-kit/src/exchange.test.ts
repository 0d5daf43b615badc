import type { Dispatcher } from "undici";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answer, bytes, dropped, FaultServer, HANG, silent, stream } from "../test/fault-server.ts";
import { Deadline, type EndedBy } from "./deadline.ts";
import { exchange, MAX_BODY_BYTES, type HttpRequest, type StreamSink } from "./exchange.ts";
import { createHttpAgent } from "./http-agent.ts";

let server: FaultServer;
let agent: Dispatcher;

beforeEach(async () => {
  server = await FaultServer.start();
  agent = createHttpAgent();
});

afterEach(async () => {
  await agent.destroy();
  await server.close();
});

function post(origin = server.url): HttpRequest {
  return { method: "POST", origin, path: "/x", headers: { "content-type": "text/plain" }, body: "hello" };
}

function limits(over: Partial<{ deadlineMs: number; idleMs: number; signal: AbortSignal }> = {}): Deadline {
  return new Deadline({ deadlineMs: 10_000, idleMs: 10_000, signal: new AbortController().signal, ...over });
}

function sink(feed: StreamSink["feed"], finished = false): StreamSink {
  return { accepts: () => true, feed, finished };
}

describe("exchange", () => {
  it("collects an answer that is not a stream", async () => {
    server.plan(answer(418, { teapot: true }, { "x-what": "tea" }));
    const deadline = limits();
    const result = await exchange(agent, post(), deadline);
    deadline.close();
    expect(result).toMatchObject({ kind: "answered", text: '{"teapot":true}', truncated: false });
    expect(result).toMatchObject({ head: { status: 418, headers: { "x-what": "tea" } } });
    expect(server.requests).toMatchObject([{ line: "POST /x", body: "hello" }]);
  });

  it("sends a text whole, with a known length", async () => {
    server.plan(answer(200, {}));
    const deadline = limits();
    const text = `${"Grüße 📷 ".repeat(20_000)}.`;
    await exchange(agent, { ...post(), body: text }, deadline);
    deadline.close();
    expect(server.requests).toMatchObject([
      { body: text, headers: { "content-length": String(Buffer.byteLength(text)) } },
    ]);
  });

  it("stops at an answer that is too long", async () => {
    server.plan(answer(200, "y".repeat(MAX_BODY_BYTES + 1)));
    const deadline = limits();
    const result = await exchange(agent, post(), deadline);
    deadline.close();
    expect(result).toMatchObject({ kind: "answered", truncated: true });
    expect(result.kind === "answered" && result.text.length).toBe(MAX_BODY_BYTES);
  });

  it("follows no redirects", async () => {
    server.plan(answer(307, "", { location: `${server.url}/elsewhere` }));
    const deadline = limits();
    const result = await exchange(agent, post(), deadline);
    deadline.close();
    expect(result).toMatchObject({ kind: "answered", head: { status: 307 } });
    expect(server.requests).toHaveLength(1);
  });

  it("reports that a refused connection sent nothing", async () => {
    const other = await FaultServer.start();
    const origin = other.url;
    await other.close();
    const deadline = limits();
    const result = await exchange(agent, post(origin), deadline);
    deadline.close();
    expect(result).toMatchObject({ kind: "failed", sent: false, connected: false, error: { code: "ECONNREFUSED" } });
  });

  it("reports that a connection dropped after the request sent it, and sends it once", async () => {
    server.plan(dropped, answer(200, {}));
    const deadline = limits();
    const result = await exchange(agent, post(), deadline);
    deadline.close();
    expect(result).toMatchObject({ kind: "failed", sent: true, connected: true });
    expect(server.requests).toHaveLength(1);
  });

  it("ends at the idle limit when not even the headers arrive", async () => {
    server.plan(silent);
    const deadline = limits({ idleMs: 80 });
    await expect(exchange(agent, post(), deadline)).resolves.toEqual({
      kind: "ended",
      by: "idle",
      sent: true,
      connected: true,
    });
    deadline.close();
  });

  it("sends nothing for a caller that has already aborted", async () => {
    const deadline = limits({ signal: AbortSignal.abort() });
    await expect(exchange(agent, post(), deadline)).resolves.toEqual({
      kind: "ended",
      by: "caller",
      sent: false,
      connected: false,
    });
    deadline.close();
    expect(server.requests).toHaveLength(0);
  });

  it("writes nothing for a caller that aborts while connecting", async () => {
    const controller = new AbortController();
    const deadline = limits({ signal: controller.signal });
    const result = exchange(agent, post(), deadline);
    controller.abort();
    await expect(result).resolves.toEqual({ kind: "ended", by: "caller", sent: false, connected: false });
    deadline.close();
    server.plan(answer(200, {}));
    const next = limits();
    await expect(exchange(agent, post(), next)).resolves.toMatchObject({ kind: "answered" });
    next.close();
    expect(server.requests).toHaveLength(1);
  });

  it("does not count our own slowness as silence", async () => {
    server.plan(stream(bytes("one")));
    const deadline = limits({ idleMs: 400 });
    // Waits until a later call with the same limit has ended because of its silence.
    const other = vi.fn<(by: EndedBy) => void>();
    const slow = vi.fn(async () => {
      const later = limits({ idleMs: 400 });
      await new Promise<void>((resolve) => {
        later.onEnd((by) => {
          other(by);
          resolve();
        });
      });
      later.close();
    });
    const result = await exchange(agent, post(), deadline, sink(slow));
    deadline.close();
    expect(other).toHaveBeenCalledWith("idle");
    expect(slow).toHaveBeenCalledTimes(1);
    expect(result.kind).toBe("streamed");
  });

  it("rejects with the sink's rejection, and drops the connection", async () => {
    server.plan(stream(bytes("one"), HANG));
    const deadline = limits();
    const failing = sink(() => Promise.reject(new Error("no receipt")));
    await expect(exchange(agent, post(), deadline, failing)).rejects.toThrow("no receipt");
    deadline.close();
    await vi.waitFor(async () => expect(await server.connections()).toBe(0));
  });

  it("rejects with the error that the sink throws", async () => {
    server.plan(stream(bytes("one"), HANG));
    const deadline = limits();
    const failing = sink(() => {
      throw new Error("bug");
    });
    await expect(exchange(agent, post(), deadline, failing)).rejects.toThrow("bug");
    deadline.close();
  });

  it("waits only briefly for the end of a complete stream", async () => {
    server.plan(stream(bytes("one"), HANG));
    const deadline = limits();
    const result = await exchange(
      agent,
      post(),
      deadline,
      sink(() => undefined, true),
    );
    deadline.close();
    expect(result.kind).toBe("streamed");
    await vi.waitFor(async () => expect(await server.connections()).toBe(0));
  });

  it("reuses a connection after an orderly end", async () => {
    server.plan(answer(200, {}), answer(200, {}));
    for (let call = 0; call < 2; call += 1) {
      const deadline = limits();
      await exchange(agent, post(), deadline);
      deadline.close();
      expect(await server.connections()).toBe(1);
      // The pool takes a connection back one turn of the event loop later.
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});
