import { once } from "node:events";
import type { Bill } from "./billing-ledger.ts";
import type { Fault, FaultKind } from "./fault.ts";
import type { PhotaCall } from "./phota-call.ts";
import type { PhotaWorld } from "./phota-call.ts";

/** The result of an enhancement. */
export interface PhotaAnswer {
  /** Undefined for a missing picture. */
  readonly images: readonly (Buffer | undefined)[];
  readonly urls: readonly string[];
  readonly knownSubjects: { readonly counts: Readonly<Record<string, number>> } | null;
  /** Undefined if nothing was made. */
  readonly bill: Bill | undefined;
}

/** Faults that end in the middle of the answer. */
const CUT: ReadonlySet<FaultKind> = new Set<FaultKind>(["cut_after_events", "cut_after_generation", "cut_mid_event"]);
/** Faults with which the client receives no data at all. */
const UNHEARD: ReadonlySet<FaultKind> = new Set<FaultKind>(["no_headers", "reset_after_accept", "memory_lost"]);

const PIECE_BYTES = 7;
/** Limits the number of chunks, because more would only take time. */
const MOST_PIECES = 2_000;

function textOf({ images, urls, knownSubjects }: PhotaAnswer, fault: Fault | undefined): string {
  const fields = {
    images: images.flatMap((bytes) => (bytes === undefined ? [] : [bytes.toString("base64")])),
    download_urls: urls,
    known_subjects: knownSubjects,
  };
  if (fault?.kind !== "crlf") return JSON.stringify(fields);
  const turned = Object.fromEntries(Object.entries(fields).toReversed());
  return JSON.stringify(turned, undefined, 2).replaceAll("\n", "\r\n");
}

/** Sends the answer, or applies the fault to it. */
export async function answerWith(
  world: PhotaWorld,
  { response, record, headers, request }: PhotaCall,
  answer: PhotaAnswer,
  fault: Fault | undefined,
): Promise<void> {
  const { bill } = answer;
  const left = response.destroyed || response.socket?.destroyed !== false;
  record.ending = left ? "client_left" : answer.bill === undefined ? "no_output" : "complete";
  if (fault !== undefined && UNHEARD.has(fault.kind)) {
    record.ending = fault.kind;
    return;
  }
  if (left) return;
  const body = Buffer.from(textOf(answer, fault));
  const half = body.subarray(0, body.length >> 1);
  if (fault !== undefined && (CUT.has(fault.kind) || fault.kind === "silence" || fault.kind === "trickle")) {
    record.ending = fault.kind;
    response.writeHead(200, { ...headers, "Content-Type": "application/json" });
    if (CUT.has(fault.kind)) response.write(half, () => response.destroy());
    else if (fault.kind === "silence") response.write(half);
    // The work is over. A client that stays connected only receives keep-alive white space.
    else if (fault.kind === "trickle") void trickle(world, response, fault.everyMs);
    return;
  }
  if (bill !== undefined && request.response_mode === "bytes")
    response.on("finish", () => world.ledger.delivered(bill));
  response.writeHead(200, { ...headers, "Content-Type": "application/json", "Content-Length": body.length });
  if (fault?.kind === "split_utf8") await sendPieces(response, body);
  else response.end(body);
}

async function trickle(world: PhotaWorld, response: PhotaCall["response"], everyMs: number): Promise<void> {
  while (!response.destroyed) {
    response.write(" ");
    await world.clock.sleep(everyMs);
  }
}

async function sendPieces(response: PhotaCall["response"], body: Buffer): Promise<void> {
  const size = Math.max(PIECE_BYTES, Math.ceil(body.length / MOST_PIECES));
  for (let at = 0; at < body.length && !response.destroyed; at += size) {
    if (!response.write(body.subarray(at, at + size)))
      await Promise.race([once(response, "drain"), once(response, "close")]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}
