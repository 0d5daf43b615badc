import type { Latency } from "./latency.ts";
import type { FaultRuleInput, RandomFaults } from "./fault-book.ts";
import type { WorkMode } from "./picture-desk.ts";
import type { Plan } from "./plan-limits.ts";

/** The default key of a simulator. Valid for simulators only. */
export const TWIN_API_KEY = "darkroom-twin-key";

export interface TwinOptions {
  /** Defaults to 127.0.0.1, because a simulator must not be on an open network. */
  readonly host?: string;
  /** Defaults to 0, which selects a free port. */
  readonly port?: number;
  /**
   * The simulator's address as seen by others, for the URLs of results. Defaults to the `Host` header of each request.
   */
  readonly publicUrl?: string;
  /** Defaults to {@link TWIN_API_KEY}. */
  readonly apiKey?: string;
  /** Time per picture in provider time. Defaults to 5–20 s (`eco`) and 15–60 s (`max`). */
  readonly latencyMs?: Latency;
  /** Speed of provider time relative to the wall clock. Defaults to 1. */
  readonly clock?: number;
  /** Seed of all randomness. Defaults to `twin`. */
  readonly seed?: string;
  /** Defaults to no limits. */
  readonly plan?: Plan;
  /** Turns left in the balance. Defaults to unlimited. */
  readonly balance?: number;
  /** Defaults to `full`. */
  readonly work?: WorkMode;
  /** Allows pictures on loopback and private addresses. Defaults to true. */
  readonly allowPrivateSources?: boolean;
  /** Maximum size of a picture. Defaults to 20 MB (provider contract A.3). */
  readonly maxImageBytes?: number;
  /** Lifetime of a result's URL, in provider time. Defaults to an hour. */
  readonly resultTtlMs?: number;
  /** Memory for results, in bytes. The least recently used are evicted first. Defaults to 512 MB. */
  readonly maxResultBytes?: number;
  /** How long an idle session is kept, in provider time. Defaults to 30 days (provider contract A.6). */
  readonly sessionKeptMs?: number;
  /** Lifetime of a signed link to a Phota result, in provider time. Defaults to 24 hours (provider contract B). */
  readonly signedLinkMs?: number;
  /** Phota profiles that are ready from the start. Defaults to none. */
  readonly profiles?: readonly string[];
  readonly faults?: readonly FaultRuleInput[];
  readonly randomFaults?: RandomFaults;
}

export const DEFAULT_MAX_IMAGE_BYTES = 20 * 1024 * 1024;
export const DEFAULT_RESULT_TTL_MS = 60 * 60_000;
export const DEFAULT_SIGNED_LINK_MS = 24 * 60 * 60_000;
export const DEFAULT_MAX_RESULT_BYTES = 512 * 1024 * 1024;
export const DEFAULT_SESSION_KEPT_MS = 30 * 24 * 60 * 60_000;
/**
 * Idle time, in provider time, after which a session is inactive. The next request restores it (provider contract A.6).
 */
export const DEFAULT_SESSION_IDLE_MS = 15 * 60_000;
