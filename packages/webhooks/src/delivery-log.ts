import type { RedisConnection } from "@darkroom/redis-kit";
import { webhookKeys, type WebhookKeys } from "./webhook-keys.ts";

/** Approximate number of an endpoint's attempts that are kept. */
export const KEPT_ATTEMPTS = 1_000;
/** Age above which attempts are dropped, in ms. */
export const KEPT_MS = 30 * 86_400_000;

/** The outcome of an attempt. */
export const ATTEMPT_OUTCOMES = ["delivered", "failed", "given_up"] as const;

/** An attempt to deliver a message. */
export interface DeliveryAttempt {
  /** The `webhook-id`. */
  readonly message: string;
  /** Position of the event in the feed; `-` for a test message. */
  readonly position: string;
  readonly type: string;
  /** Id of the event; null for a test message. */
  readonly event: string | null;
  /** Its number, from 1. */
  readonly attempt: number;
  readonly outcome: (typeof ATTEMPT_OUTCOMES)[number];
  /** Status of the answer; null without an answer. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly failure?: string | undefined;
  /** Time of the next attempt, ISO 8601. */
  readonly nextAt?: string | undefined;
}

/** An attempt in the log. */
export interface LoggedAttempt extends DeliveryAttempt {
  readonly id: string;
  /** ISO 8601, Redis' clock. */
  readonly at: string;
}

/** Reads the attempts of each endpoint, newest first. */
export class DeliveryLog {
  readonly #redis: RedisConnection;
  readonly #keys: WebhookKeys;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#keys = webhookKeys(namespace);
  }

  /** @param before the id after which the page starts */
  async list(webhookId: string, limit: number, before?: string): Promise<readonly LoggedAttempt[]> {
    const end = before === undefined ? "+" : `(${before}`;
    return (await this.#redis.xrevrange(this.#keys.log(webhookId), end, "-", "COUNT", limit)).map(parseEntry);
  }

  async read(webhookId: string, id: string): Promise<LoggedAttempt | undefined> {
    const [entry] = await this.#redis.xrange(this.#keys.log(webhookId), id, id);
    return entry === undefined ? undefined : parseEntry(entry);
  }
}

function parseEntry([id, [, text = "{}"]]: readonly [id: string, fields: readonly string[]]): LoggedAttempt {
  return { ...(JSON.parse(text) as DeliveryAttempt), id, at: new Date(Number.parseInt(id, 10)).toISOString() };
}
