import type { IncomingMessage, ServerResponse } from "node:http";

const MAX_BODY_BYTES = 1024 * 1024;

export type ReadBody =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly status: 413 | 422; readonly msg: string };

/** Reads a request's JSON body of at most `maxBytes`. Defaults to 1 MiB. */
export async function readJson(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<ReadBody> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) return { ok: false, status: 413, msg: "the body is too large" };
    parts.push(part);
  }
  try {
    return { ok: true, body: JSON.parse(Buffer.concat(parts).toString("utf8")) };
  } catch {
    return { ok: false, status: 422, msg: "the body is not JSON" };
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { ...headers, "Content-Type": "application/json", "Content-Length": bytes.length });
  response.end(bytes);
}
