import type { Latency } from "./latency.ts";
import type { FaultRuleInput, RandomFaults } from "./fault-book.ts";
import type { WorkMode } from "./picture-desk.ts";
import type { Plan } from "./plan-limits.ts";

/** The key that a twin takes when no other is set. Opens nothing but twins. */
export const TWIN_API_KEY = "darkroom-twin-key";

export interface TwinOptions {
  /** Defaults to 127.0.0.1: a twin has no business on an open network. */
  readonly host?: string;
  /** Defaults to 0, any free port. */
  readonly port?: number;
  /** How others reach this twin, for the URLs of results. Defaults to the `Host` header of each request. */
  readonly publicUrl?: string;
  /** Defaults to {@link TWIN_API_KEY}. */
  readonly apiKey?: string;
  /** How long one picture takes in provider time. Defaults to 5–20 s (`eco`) and 15–60 s (`max`). */
  readonly latencyMs?: Latency;
  /** How many times faster than the wall clock provider time passes. Defaults to 1. */
  readonly clock?: number;
  /** All chance comes from it. Defaults to `twin`. */
  readonly seed?: string;
  /** Defaults to no limits. */
  readonly plan?: Plan;
  /** Turns left before the balance is used up. Defaults to endless. */
  readonly balance?: number;
  /** Defaults to `full`. */
  readonly work?: WorkMode;
  /** Whether pictures on loopback and private addresses are fetched. Defaults to true. */
  readonly allowPrivateSources?: boolean;
  /** The largest picture taken. Defaults to 20 MB (provider contract A.3). */
  readonly maxImageBytes?: number;
  /** How long a result's URL works, in provider time. Defaults to an hour. */
  readonly resultTtlMs?: number;
  /** Memory for results; the least recently used leave first. Defaults to 512 MB. */
  readonly maxResultBytes?: number;
  /** How long an idle session is kept, in provider time. Defaults to 30 days (provider contract A.6). */
  readonly sessionKeptMs?: number;
  /** How long a signed link to a Phota result works, in provider time. Defaults to 24 hours (provider contract B). */
  readonly signedLinkMs?: number;
  /** Phota profiles that are there and ready from the start. Defaults to none. */
  readonly profiles?: readonly string[];
  readonly faults?: readonly FaultRuleInput[];
  readonly randomFaults?: RandomFaults;
}

export const DEFAULT_MAX_IMAGE_BYTES = 20 * 1024 * 1024;
export const DEFAULT_RESULT_TTL_MS = 60 * 60_000;
export const DEFAULT_SIGNED_LINK_MS = 24 * 60 * 60_000;
export const DEFAULT_MAX_RESULT_BYTES = 512 * 1024 * 1024;
export const DEFAULT_SESSION_KEPT_MS = 30 * 24 * 60 * 60_000;
/** An idle session is inactive after this, in provider time, until the next request (provider contract A.6). */
export const DEFAULT_SESSION_IDLE_MS = 15 * 60_000;
