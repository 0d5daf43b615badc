import { afterEach, describe, expect, it } from "vitest";
import { attemptsOf } from "@darkroom/core";
import type { FaultInput } from "@darkroom/twin";
import { until } from "@darkroom/testkit";
import { readText, startEngine, type Engine, type ReportLine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

const DIALECTS = ["chat", "chat-completions"] as const;
const ATTEMPTS = 2;

function start(dialect: (typeof DIALECTS)[number]): Promise<Engine> {
  return startEngine({
    env: {
      EACHLABS_DIALECT: dialect,
      DARKROOM_ATTEMPTS: String(ATTEMPTS),
      DARKROOM_BREAKER: "false",
      // Disabled, because this many faults in a row would look like an outage.
      DARKROOM_OUTAGE_FAILURES: "0",
      DARKROOM_DEADLINE_MS: "12000",
      DARKROOM_IDLE_MS: "4000",
      DARKROOM_PROBE_MS: "100",
      DARKROOM_LANE_CONCURRENCY: "10",
    },
  });
}

const event = (message: string, error_code?: string, details?: Record<string, string>): FaultInput => ({
  kind: "error_event",
  message,
  ...(error_code === undefined ? {} : { error_code }),
  ...(details === undefined ? {} : { details }),
});
const http = (status: 400 | 401 | 402 | 403 | 408 | 422 | 429 | 500 | 502 | 503): FaultInput => ({
  kind: "http",
  status,
});

interface Row {
  /** The raw answer of the provider. */
  readonly wire: string;
  readonly fault: FaultInput;
  /** True if only the first call gets the fault. Defaults to every call. */
  readonly once?: true;
  readonly outcome: string;
  /** As in the report: attempts that the provider failed, plus the last one. */
  readonly attempts: number;
  readonly billed: "no" | "yes" | "maybe";
  /** Number of billed pictures. */
  readonly bills: number;
}

const refused = (wire: string, fault: FaultInput, outcome: string): Row => ({
  wire,
  fault,
  outcome,
  attempts: 1,
  billed: "no",
  bills: 0,
});
/** The first call fails, and the next call makes the picture. */
const passing = (wire: string, fault: FaultInput): Row => ({
  wire: `${wire}, once`,
  fault,
  once: true,
  outcome: "ok",
  attempts: 2,
  billed: "yes",
  bills: 1,
});

/** The first call breaks off, and the provider's memory has its picture, the only one. */
const found = (wire: string, fault: FaultInput): Row => ({ ...passing(wire, fault), attempts: 1 });

/** Provider contract A.7, except for errors that block the whole account. */
const ROWS: readonly Row[] = [
  refused("HTTP 400", http(400), "invalid_request"),
  refused("HTTP 422 with detail[]", http(422), "invalid_request"),
  refused("error_code CONTENT_FILTER", "content_policy", "content_policy"),
  refused(
    "details.error_code CONTENT_FILTER",
    event("Refused", undefined, { error_code: "CONTENT_FILTER" }),
    "content_policy",
  ),
  refused("the words content policy", event("Content policy violation"), "content_policy"),
  refused("No face detected", "no_face", "no_face"),
  refused("a face is required", event("A face is required for this request"), "no_face"),
  refused("Invalid image URL", event("Invalid image URL: the server answered HTTP 404"), "invalid_image"),
  // The photo is valid, but the store behind its link was down.
  {
    ...passing("Invalid image URL, not reached", event("Invalid image URL: the server could not be reached")),
    attempts: 1,
  },
  {
    wire: "Invalid image URL, never reached",
    fault: event("Invalid image URL: the server answered HTTP 503"),
    outcome: "source_unreadable",
    attempts: 1,
    billed: "no",
    bills: 0,
  },
  refused("Invalid image: Dimensions", event("Invalid image: Dimensions 20x20 are outside"), "invalid_image"),
  refused("too many images", event("Too many images: at most 4 image_urls"), "invalid_image"),
  refused("clarification_needed, awaiting_input", "ask", "needs_clarification"),
  refused(
    "clarification_needed, clarification_needed",
    { kind: "ask", status: "clarification_needed" },
    "needs_clarification",
  ),

  // An earlier request still runs in the session, and waiting for it costs nothing.
  { ...passing("SESSION_BUSY", "session_busy"), attempts: 1 },
  passing("SESSION_NOT_FOUND", "session_forgotten"),
  passing("memory limit reached", event("Memory limit reached", "MEMORY_LIMIT_REACHED")),

  passing("TIMEOUT", event("The model did not answer", "TIMEOUT")),
  passing("timed out", event("The request timed out")),
  found("silence for longer than the idle limit", { kind: "silence", afterEvents: 3 }),
  found("events without end, past the deadline", { kind: "trickle", afterEvents: 3, everyMs: 200 }),
  passing("HTTP 408", http(408)),
  passing("HTTP 500", http(500)),
  passing("HTTP 502", http(502)),
  passing("HTTP 503", http(503)),
  passing("a connection that is reset", "reset"),
  found("a connection that is reset while the work goes on", "reset_after_accept"),
  found("a stream that is cut before the picture", "cut_after_events"),
  found("a stream that is cut within the picture's event", "cut_mid_event"),
  // The URL was seen, so the rest of the stream did not matter.
  { ...passing("a stream that is cut after the picture", "cut_after_generation"), attempts: 1 },
  passing("temporarily unavailable", event("The service is temporarily unavailable")),
  passing("Failed to create prediction: HTTP 500", event("Failed to create prediction: HTTP 500")),
  passing("complete without a generation", "no_output"),
  // Paid, and forgotten by the provider, so the billing is unknown.
  { ...passing("a stream that is cut, and the memory lost", "memory_lost"), billed: "maybe", bills: 2 },

  {
    wire: "timed out, always",
    fault: event("The request timed out"),
    outcome: "timeout",
    attempts: ATTEMPTS,
    billed: "no",
    bills: 0,
  },
  {
    wire: "HTTP 503, always",
    fault: http(503),
    outcome: "provider_error",
    attempts: ATTEMPTS,
    billed: "maybe",
    bills: 0,
  },
  {
    wire: "complete without a generation, always",
    fault: "no_output",
    outcome: "no_output",
    attempts: ATTEMPTS,
    billed: "no",
    bills: 0,
  },
  {
    wire: "complete with status error, always",
    fault: "complete_error",
    outcome: "provider_error",
    attempts: ATTEMPTS,
    billed: "no",
    bills: 0,
  },
  { wire: "a workflow", fault: "workflow", outcome: "ok", attempts: 1, billed: "yes", bills: 1 },
  { wire: "drafts before the picture", fault: "drafts", outcome: "ok", attempts: 1, billed: "yes", bills: 1 },
];

const nameOf = (row: number): string => `row-${String(row).padStart(2, "0")}.jpg`;

describe("table A.7", () => {
  it.each(DIALECTS)(
    "is implemented line by line in dialect %s, and no line blocks the lane",
    { timeout: 180_000 },
    async (dialect) => {
      engine = await start(dialect);
      for (const [index, { fault, once }] of ROWS.entries()) {
        engine.twin.faults.add({ match: { portrait: nameOf(index), call: once === true ? 1 : "every" }, fault });
      }
      await engine.addPhotos(ROWS.length, nameOf);
      const id = await engine.submit();
      let blocked: unknown = null;
      await until(
        async () => {
          const status = (await (await fetch(`${engine.api.url}/v1/batches/${id}`)).json()) as { blocked: unknown };
          blocked ??= status.blocked;
          return (await engine.ledger.read(id))?.endedAt !== undefined;
        },
        { what: "the batch to end", timeoutMs: 150_000 },
      );
      expect(blocked).toBeNull();
      const lines = await engine.report(id);
      const { bills } = engine.twin.ledger();
      const seen = ROWS.map(({ wire }, index) => {
        const line = lines.find(({ id: name }) => name === nameOf(index));
        const paid = bills.filter(({ portrait }) => portrait.endsWith(nameOf(index))).length;
        return { wire, outcome: line?.outcome, attempts: line?.attempts, billed: line?.billed, bills: paid };
      });
      expect(seen).toEqual(
        ROWS.map(({ wire, outcome, attempts, billed, bills: paid }) => ({
          wire,
          outcome,
          attempts,
          billed,
          bills: paid,
        })),
      );
      // Of several pictures, the final one was fetched, and only the final one is billed.
      for (const [index, { wire, outcome }] of ROWS.entries()) {
        const own = bills.filter(({ portrait }) => portrait.endsWith(nameOf(index)));
        expect(own.filter(({ delivered }) => delivered).length, wire).toBe(outcome === "ok" ? 1 : 0);
      }
      // The report contains the provider's message, but no links, keys or session text.
      expect(lines.every(({ message }) => !/https?:\/\/|darkroom-twin-key/.test(message))).toBe(true);
    },
  );

  /** Faults that block the account, with the lane's reason, or null if the lane only waits. */
  const STOPS: readonly (readonly [wire: string, fault: FaultInput, reason: "auth" | "balance" | null])[] = [
    ["HTTP 401", http(401), "auth"],
    ["HTTP 403", http(403), "auth"],
    ["HTTP 402", http(402), "balance"],
    ["INSUFFICIENT_BALANCE", "balance", "balance"],
    ["Failed to create prediction: HTTP 422", event("Failed to create prediction: HTTP 422"), "balance"],
    ["HTTP 429 with Retry-After", { kind: "http", status: 429, retryAfterS: 1 }, null],
    [
      "RATE_LIMITED with retry_after",
      { kind: "error_event", message: "Slow down", error_code: "RATE_LIMITED", retry_after: 1 },
      null,
    ],
  ];

  it.each(DIALECTS)(
    "costs no attempt if the account is blocked, reports the reason, and recovers by itself, in dialect %s",
    { timeout: 180_000 },
    async (dialect) => {
      engine = await start(dialect);
      const seen: unknown[] = [];
      for (const [wire, fault, reason] of STOPS) {
        const name = wire.replaceAll(/\W+/g, "-");
        await engine.addPhotos(2, (index) => `${name}/${index}.jpg`);
        engine.twin.faults.clear();
        engine.twin.faults.add({ fault });
        const id = await engine.submit({
          source: `${engine.root}in/${name}/`,
          destination: `${engine.root}out/${name}/`,
        });
        const status = async () =>
          (await (await fetch(`${engine.api.url}/v1/batches/${id}`)).json()) as {
            state: string;
            blocked: { reason: string } | null;
          };
        const calls = () => Object.entries(engine.twin.ledger().calls).filter(([portrait]) => portrait.includes(name));
        await until(async () => (reason === null ? calls().length > 0 : (await status()).blocked !== null), {
          what: `${wire} to stop the lane`,
        });
        const { state, blocked } = await status();
        const receipt = (await engine.ledger.receipt(id, 0)) ?? (await engine.ledger.receipt(id, 1));
        engine.twin.faults.clear();
        await engine.ended(id);
        const { lines, bills } = {
          lines: await readReport(id, name),
          bills: engine.twin.ledger().bills.filter(({ portrait }) => portrait.includes(name)).length,
        };
        seen.push({
          wire,
          state,
          reason: blocked?.reason ?? null,
          burnt: receipt === undefined ? 0 : attemptsOf(receipt),
          ends: lines.map(({ outcome, attempts, billed }) => `${outcome} ${attempts} ${billed}`),
          bills,
        });
      }
      expect(seen).toEqual(
        STOPS.map(([wire, , reason]) => ({
          wire,
          state: "running",
          reason,
          burnt: 0,
          ends: ["ok 1 yes", "ok 1 yes"],
          bills: 2,
        })),
      );
    },
  );
});

async function readReport(id: string, name: string) {
  const store = engine.openStore(`${engine.root}out/${name}/`);
  const text = await readText(store, `_darkroom/${id}/report.jsonl`);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ReportLine);
}
