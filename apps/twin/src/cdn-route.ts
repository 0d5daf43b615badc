import type { ServerResponse } from "node:http";
import type { BillingLedger } from "./billing-ledger.ts";
import { sendJson } from "./json-http.ts";
import type { OpenStreams } from "./open-streams.ts";
import { CDN_PATH } from "./portrait-name.ts";
import type { ResultStore } from "./result-store.ts";
import type { TwinClock } from "./twin-clock.ts";

const SLOW_PIECES = 20;

export interface CdnWorld {
  readonly results: ResultStore;
  readonly ledger: BillingLedger;
  readonly clock: TwinClock;
  /** Results that are being downloaded. */
  readonly downloads: OpenStreams;
}

/** Serves `GET` and `HEAD /cdn/<name>`: a finished result that has not expired. A signed link must match exactly. */
export async function serveResult(
  world: CdnWorld,
  { pathname, searchParams }: URL,
  response: ServerResponse,
  withBody: boolean,
): Promise<void> {
  const result = world.results.get(pathname.slice(CDN_PATH.length));
  const signature = searchParams.get("signature") ?? undefined;
  if (result?.signature !== signature || (result === undefined && signature !== undefined)) {
    return sendJson(response, 403, { detail: "The link has expired, or its signature is wrong" });
  }
  if (result === undefined) return sendJson(response, 404, { detail: "Not found" });
  const { bytes, contentType, downloadMs, bill } = result;
  response.writeHead(200, {
    "Content-Type": contentType,
    "Content-Length": bytes.length,
    "Cache-Control": "private, no-store",
  });
  if (!withBody) {
    response.end();
    return;
  }
  response.on("close", world.downloads.open());
  response.on("finish", () => {
    if (bill !== undefined) world.ledger.delivered(bill);
  });
  if (downloadMs !== undefined) {
    const size = Math.ceil(bytes.length / SLOW_PIECES);
    for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
      response.write(bytes.subarray(at, at + size));
      await world.clock.sleep(downloadMs / SLOW_PIECES);
    }
    response.end();
    return;
  }
  response.end(bytes);
}
