// A provider that is too light to be the bottleneck: implements each::sense's chat dialect, makes no picture, and
// records when each call began and ended. Runs in its own process.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { answer } from "../attached.ts";
import { picture } from "../pictures.ts";

/** One paid call. Times are epoch milliseconds. */
export interface LightCall {
  readonly session: string;
  readonly startedAt: number;
  endedAt: number | undefined;
}

export interface LightStats {
  readonly calls: number;
  readonly open: number;
  readonly mostOpen: number;
  readonly firstAt: number | undefined;
}

export interface LightSettings {
  /** Latency of one call, in ms. */
  readonly latencyMs: number;
  /** Random extra latency of up to this much, so that calls do not end together. */
  readonly spreadMs: number;
  /** Interval between progress events of a long call; 0 for none. */
  readonly progressMs: number;
  /** Returns the photo unchanged instead of another picture. */
  readonly echo: boolean;
  /** A file that every call returns as its picture. Defaults to a small JPEG. */
  readonly resultPath?: string | undefined;
}

const BACKLOG = 8_192;
const KEEP_ALIVE_MS = 65_000;

let settings: LightSettings = { latencyMs: 0, spreadMs: 0, progressMs: 0, echo: false };
let calls: LightCall[] = [];
let open = 0;
let mostOpen = 0;
let base = "";
const pictures = { source: await picture("source"), result: await picture("result") };

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const HEAD = event({ type: "status", message: "Preparing the portrait", tool_name: "execute_model" });
const PROGRESS = event({ type: "progress", message: "Generating image…", percent: 50 });

function ending(): string {
  const url = `${base}/cdn/${calls.length}.jpg`;
  return `${event({ type: "generation_response", url, generations: [url], total: 1, model: "light" })}${event({
    type: "complete",
    task_id: "light",
    status: "ok",
    generations: [url],
    model: "light",
  })}data: [DONE]\n\n`;
}

async function chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { session_id: session } = JSON.parse(Buffer.concat(chunks).toString()) as { session_id: string };
  const call: LightCall = { session, startedAt: Date.now(), endedAt: undefined };
  calls.push(call);
  open += 1;
  mostOpen = Math.max(mostOpen, open);
  const { latencyMs, spreadMs, progressMs } = settings;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.write(HEAD);
  const progress = progressMs > 0 ? setInterval(() => response.write(PROGRESS), progressMs) : undefined;
  const end = (): void => {
    call.endedAt = Date.now();
    response.end(ending());
  };
  const timer = latencyMs > 0 ? setTimeout(end, latencyMs + Math.random() * spreadMs) : undefined;
  response.once("close", () => {
    clearInterval(progress);
    clearTimeout(timer);
    open -= 1;
  });
  if (timer === undefined) end();
}

const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (request, response) => {
  const url = request.url ?? "";
  if (request.method === "POST") {
    chat(request, response).catch(() => response.destroy());
  } else if (url.startsWith("/cdn/")) {
    const bytes = pictures[settings.echo ? "source" : "result"];
    response.writeHead(200, { "content-type": "image/jpeg", "content-length": bytes.length }).end(bytes);
  } else if (request.method === "DELETE") {
    response.writeHead(200, { "content-type": "application/json" }).end('{"success":true}');
  } else {
    response.writeHead(404, { "content-type": "application/json" }).end('{"detail":"Not found"}');
  }
});
server.listen({ host: "127.0.0.1", port: 0, backlog: BACKLOG });
await once(server, "listening");
base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

answer("settings", async (next: LightSettings) => {
  settings = next;
  if (next.resultPath !== undefined) pictures.result = await readFile(next.resultPath);
});
answer("calls", () => calls);
answer("stats", (): LightStats => ({ calls: calls.length, open, mostOpen, firstAt: calls[0]?.startedAt }));
answer("forget", () => {
  calls = [];
  mostOpen = open;
});
process.on("SIGTERM", () => process.exit(0));
console.log(`The light provider listens at ${base}`);
