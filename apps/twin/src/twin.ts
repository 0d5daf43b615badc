import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { DarkroomError } from "@darkroom/core";
import { Agent } from "undici";
import { Account } from "./account.ts";
import { BillingLedger, type LedgerSnapshot } from "./billing-ledger.ts";
import type { TwinStats } from "./control-route.ts";
import { FaultBook } from "./fault-book.ts";
import { IdempotentAnswers } from "./idempotent-answers.ts";
import { DEFAULT_LATENCY_MS } from "./latency.ts";
import { OpenStreams } from "./open-streams.ts";
import { PictureDesk } from "./picture-desk.ts";
import { PlanLimits } from "./plan-limits.ts";
import { ProfileStore } from "./profile-store.ts";
import { ResultStore } from "./result-store.ts";
import { route, type RouterWorld } from "./router.ts";
import { SessionStore } from "./session-store.ts";
import { SignedLinks } from "./signed-links.ts";
import { TwinClock } from "./twin-clock.ts";
import { UploadStore } from "./upload-store.ts";
import { WrongFaces } from "./wrong-face.ts";
import {
  DEFAULT_MAX_IMAGE_BYTES,
  DEFAULT_MAX_RESULT_BYTES,
  DEFAULT_RESULT_TTL_MS,
  DEFAULT_SESSION_IDLE_MS,
  DEFAULT_SESSION_KEPT_MS,
  DEFAULT_SIGNED_LINK_MS,
  TWIN_API_KEY,
  type TwinOptions,
} from "./twin-options.ts";

/** A running simulator. */
export interface Twin {
  /** The simulator's base URL, without a trailing slash. */
  readonly url: string;
  readonly apiKey: string;
  /** The requests and bills so far. */
  ledger(): LedgerSnapshot;
  stats(): TwinStats;
  readonly faults: Pick<FaultBook, "add" | "random" | "clear">;
  /** Sets the balance; undefined for an unlimited one. */
  setBalance(turns: number | undefined): void;
  /** Ends all current and future calls without waiting, so that their pictures arrive before a stop. */
  hurry(): void;
  /** Cuts all connections and drops all state. */
  close(): Promise<void>;
}

const BACKLOG = 4_096;
const KEEP_ALIVE_MS = 65_000;
const FETCH_CONNECTIONS = 128;
const MINUTE_MS = 60_000;

function createWorld(options: TwinOptions, dispatcher: Agent): RouterWorld {
  const factor = options.clock ?? 1;
  if (!(factor > 0)) {
    throw new DarkroomError("invalid_settings", "the clock factor must be above 0", { field: "clock" });
  }
  const clock = new TwinClock(factor);
  const seed = options.seed ?? "twin";
  const apiKey = options.apiKey ?? TWIN_API_KEY;
  const faults = new FaultBook(seed);
  faults.add(...(options.faults ?? []));
  faults.random(options.randomFaults);
  const account = new Account(options.balance);
  const ledger = new BillingLedger();
  const streams = new OpenStreams();
  const downloads = new OpenStreams();
  const limits = new PlanLimits(options.plan ?? {}, clock.realMs(MINUTE_MS));
  const results = new ResultStore({
    maxBytes: options.maxResultBytes ?? DEFAULT_MAX_RESULT_BYTES,
    ttlMs: clock.realMs(options.resultTtlMs ?? DEFAULT_RESULT_TTL_MS),
  });
  const uploads = new UploadStore(clock, options.maxImageBytes ?? DEFAULT_MAX_IMAGE_BYTES);
  const sessions = new SessionStore(
    clock.realMs(options.sessionKeptMs ?? DEFAULT_SESSION_KEPT_MS),
    clock.realMs(DEFAULT_SESSION_IDLE_MS),
  );
  const desk = new PictureDesk(options.work ?? "full");
  return {
    clock,
    seed,
    uploads,
    answers: new IdempotentAnswers(),
    faults,
    account,
    ledger,
    streams,
    downloads,
    limits,
    results,
    sessions,
    desk,
    wrongFaces: new WrongFaces(desk),
    sourceRules: {
      dispatcher,
      maxBytes: options.maxImageBytes ?? DEFAULT_MAX_IMAGE_BYTES,
      allowPrivate: options.allowPrivateSources ?? true,
    },
    latency: options.latencyMs ?? DEFAULT_LATENCY_MS,
    links: new SignedLinks(clock.realMs(options.signedLinkMs ?? DEFAULT_SIGNED_LINK_MS)),
    profiles: new ProfileStore(clock, options.profiles ?? []),
    callCounts: new Map(),
    knows: ({ headers }) => headers["x-api-key"] === apiKey || headers.authorization === `Bearer ${apiKey}`,
    baseUrl: (request: IncomingMessage) => options.publicUrl ?? `http://${request.headers.host ?? "127.0.0.1"}`,
    ledgerSnapshot: () => ledger.snapshot(),
    stats: () => ({
      openStreams: streams.now,
      maxOpenStreams: streams.max,
      openDownloads: downloads.now,
      running: limits.running,
      maxRunning: limits.maxRunning,
      ...ledger.counts(),
      resultBytes: results.sizeBytes,
      uploads: uploads.taken,
      ...sessions.counts(),
      turnsLeft: account.turnsLeft ?? null,
    }),
  };
}

/**
 * Starts a simulator of both providers: the same protocols, real pictures, and faults on request.
 *
 * @throws DarkroomError `invalid_settings`; the error of `listen`, for example when the port is in use
 */
export async function startTwin(options: TwinOptions = {}): Promise<Twin> {
  const dispatcher = new Agent({ connections: FETCH_CONNECTIONS });
  const world = createWorld(options, dispatcher);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    route(world, request, response).catch(() => {
      // The client disconnected while sending, or there is a bug. Neither allows a response.
      response.destroy();
    });
  });
  const host = options.host ?? "127.0.0.1";
  server.listen({ host, port: options.port ?? 0, backlog: BACKLOG });
  await once(server, "listening");
  const { port, family, address } = server.address() as AddressInfo;
  const shown = address === "0.0.0.0" || address === "::" ? "127.0.0.1" : address;
  return {
    url: options.publicUrl ?? `http://${family === "IPv6" && shown !== "127.0.0.1" ? `[${shown}]` : shown}:${port}`,
    apiKey: options.apiKey ?? TWIN_API_KEY,
    ledger: world.ledgerSnapshot,
    stats: world.stats,
    faults: world.faults,
    setBalance: (turns) => world.account.set(turns),
    hurry: () => world.clock.hurry(),
    close: async () => {
      world.clock.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, dispatcher.destroy()]);
    },
  };
}
