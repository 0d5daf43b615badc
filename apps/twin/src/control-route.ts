import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import type { Account } from "./account.ts";
import type { LedgerSnapshot } from "./billing-ledger.ts";
import { faultPlanSchema, type FaultBook } from "./fault-book.ts";
import { readJson, sendJson } from "./json-http.ts";

/** Path prefix with which a test in another process controls and queries the simulator. */
export const CONTROL_PATH = "/_twin/";

export interface TwinStats {
  readonly openStreams: number;
  readonly maxOpenStreams: number;
  /** Results that are being downloaded. */
  readonly openDownloads: number;
  /** Exchanges in progress, including those whose client has disconnected. */
  readonly running: number;
  readonly maxRunning: number;
  readonly calls: number;
  readonly billed: number;
  readonly delivered: number;
  /** Memory of the stored results. */
  readonly resultBytes: number;
  /** Number of pictures uploaded to each::storage so far. */
  readonly uploads: number;
  /** Numbers of stored sessions, and of those that are inactive after a long idle time. */
  readonly sessions: number;
  readonly inactiveSessions: number;
  /** Null for an unlimited balance. */
  readonly turnsLeft: number | null;
}

export interface ControlWorld {
  readonly faults: FaultBook;
  readonly account: Account;
  readonly ledgerSnapshot: () => LedgerSnapshot;
  readonly stats: () => TwinStats;
}

const balanceSchema = z.strictObject({ turns: z.int().min(0).nullable() });

async function told<T>(
  schema: z.ZodType<T>,
  request: IncomingMessage,
  response: ServerResponse,
  accept: (value: T) => void,
): Promise<void> {
  const read = await readJson(request);
  const parsed = schema.safeParse(read.ok ? read.body : undefined);
  if (!parsed.success) return sendJson(response, 422, { detail: z.prettifyError(parsed.error) });
  accept(parsed.data);
  sendJson(response, 200, { ok: true });
}

/** Serves `GET /_twin/ledger`, `GET /_twin/stats`, `POST` and `DELETE /_twin/faults`, `POST /_twin/balance`. */
export async function answerControl(
  world: ControlWorld,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (`${request.method ?? ""} ${path}`) {
    case "GET ledger":
      return sendJson(response, 200, world.ledgerSnapshot());
    case "GET stats":
      return sendJson(response, 200, world.stats());
    case "POST faults":
      return told(faultPlanSchema, request, response, ({ rules, random }) => {
        world.faults.add(...(rules ?? []));
        if (random !== undefined) world.faults.random(random);
      });
    case "DELETE faults":
      world.faults.clear();
      return sendJson(response, 200, { ok: true });
    case "POST balance":
      return told(balanceSchema, request, response, ({ turns }) => world.account.set(turns ?? undefined));
    default:
      return sendJson(response, 404, { detail: "Not found" });
  }
}
