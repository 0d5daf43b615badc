import { Cluster, Redis, type ClusterOptions, type RedisOptions } from "ioredis";
import { DarkroomError, messageOf, protocolMs } from "@darkroom/core";
import { PatientCluster, PatientRedis, type Patience } from "./patient-redis.ts";
import { describeAddress, parseRedisUrl, type RedisAddress } from "./redis-address.ts";

/** A connection to one Redis server (such as the master behind Sentinels) or to a cluster. */
export type RedisConnection = Redis | Cluster;

/** Credentials and certificates that the URL does not contain. */
export interface RedisAccess {
  /** PEM certificates of the authorities that verify the server's certificate, instead of the system's. */
  readonly ca?: string;
  /** User and password of the Sentinels. Those in the URL are the master's. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

export interface ConnectOptions {
  /** One of `REDIS_URL_FORMS`. May contain a user and a password. */
  readonly url: string;
  readonly access?: RedisAccess;
  /** Shown in `CLIENT LIST`. */
  readonly name: string;
  /**
   * Called for every lost connection, and for every write refused because Redis is full or read-only. If absent,
   * ioredis prints these errors with entire Lua scripts.
   */
  readonly onError: (error: Error) => void;
  /** Sends the commands of one tick as one pipeline, except to a cluster. Defaults to true. */
  readonly autoPipelining?: boolean;
  /**
   * How to handle a write that Redis refuses because it is full, read-only or unhealthy: `wait` retries until Redis
   * accepts the write. `fail` throws one clear error, for callers that must respond. Defaults to `wait`.
   */
  readonly whenRefused?: Patience["whenRefused"];
}

/** Maximum delay between reconnection attempts. */
const RECONNECT_CAP_MS = protocolMs(2_000);
/**
 * Silence after which the client reconnects, because a server behind Sentinels or in a cluster may have failed over.
 * Longer than any blocking command (BullMQ blocks for at most 10 s).
 */
const SILENT_MS = 20_000;
/** Silence after which a Sentinel may be frozen, so that the next one is queried. */
const SENTINEL_SILENT_MS = 2_000;
/** Detects a broken network even on connections that only listen. */
const KEEP_ALIVE_MS = 10_000;
/** Interval for refreshing the cluster's slot map. */
const SLOTS_MS = protocolMs(5_000);
/** Prevents a tight loop while two nodes redirect to each other during a failover. */
const MOVED_AGAIN_MS = 20;

function reconnectDelayMs(tries: number): number {
  return Math.min(50 * 2 ** Math.min(tries, 10), RECONNECT_CAP_MS);
}

function commonOptions(address: RedisAddress, { name, access }: ConnectOptions): RedisOptions {
  const { username, password, tls } = address;
  return {
    connectionName: name,
    // Retries forever: giving up on a settle would lose the record of a payment.
    maxRetriesPerRequest: null,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: access?.ca === undefined ? {} : { ca: access.ca } } : {}),
  };
}

function redisOptions(address: Exclude<RedisAddress, { kind: "cluster" }>, options: ConnectOptions): RedisOptions {
  const common: RedisOptions = {
    ...commonOptions(address, options),
    db: address.db,
    enableAutoPipelining: options.autoPipelining ?? true,
    retryStrategy: reconnectDelayMs,
  };
  if (address.kind === "server") return { ...common, ...address.nodes[0] };
  const { sentinelUsername, sentinelPassword } = options.access ?? {};
  return {
    ...common,
    sentinels: [...address.nodes],
    name: address.masterName,
    sentinelRetryStrategy: reconnectDelayMs,
    sentinelCommandTimeout: SENTINEL_SILENT_MS,
    socketTimeout: SILENT_MS,
    keepAlive: KEEP_ALIVE_MS,
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(common.tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: common.tls }),
  };
}

function clusterOptions(address: RedisAddress, options: ConnectOptions): ClusterOptions {
  return {
    // In a pipeline, ioredis fails commands whose slots move apart.
    enableAutoPipelining: false,
    clusterRetryStrategy: reconnectDelayMs,
    // No limit, for the same reason as `maxRetriesPerRequest`.
    maxRedirections: Number.MAX_SAFE_INTEGER,
    retryDelayOnMoved: MOVED_AGAIN_MS,
    slotsRefreshInterval: SLOTS_MS,
    // Keeps the host name, because the certificate is verified against it.
    dnsLookup: (host, done) => done(null, host),
    redisOptions: { ...commonOptions(address, options), socketTimeout: SILENT_MS, keepAlive: KEEP_ALIVE_MS },
  };
}

/**
 * Opens a connection that reconnects forever to the server, to the Sentinels' master or to the cluster in the URL. If
 * the server dies or becomes a replica, commands in flight are sent again to the new master.
 *
 * @throws DarkroomError `invalid_settings` for a URL of another form
 */
export function connectRedis(options: ConnectOptions): RedisConnection {
  const address = parseRedisUrl(options.url);
  const patience: Patience = { whenRefused: options.whenRefused ?? "wait", onRefusal: options.onError };
  const redis =
    address.kind === "cluster"
      ? new PatientCluster(address.nodes, clusterOptions(address, options), patience)
      : new PatientRedis(redisOptions(address, options), patience);
  addresses.set(redis, address);
  redis.on("error", (error: Error) => options.onError(error));
  return redis;
}

/** Kept for messages, because a cluster client does not expose its initial nodes. */
const addresses = new WeakMap<RedisConnection, RedisAddress>();

/** Timeout for Redis' reply to QUIT. */
const QUIT_MS = 1_000;

/** Closes a connection with QUIT if Redis replies. A frozen Redis does not delay a shutdown. */
export async function closeRedis(redis: RedisConnection): Promise<void> {
  if (redis.status === "end") return;
  if (redis.status !== "ready") return redis.disconnect();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, QUIT_MS)));
  // Waits only briefly, because a node that has just died may never reply to QUIT.
  await Promise.race([redis.quit().catch(() => undefined), late]);
  clearTimeout(timer);
  redis.disconnect();
}

/** Delay between PINGs of a cluster, whose client fails at once when no node is reachable. */
const PING_AGAIN_MS = 100;

/**
 * Waits until Redis replies to a PING; for a cluster, until every master does.
 *
 * @throws DarkroomError `redis_unavailable`, with hosts and ports but no password
 */
export async function awaitRedis(redis: RedisConnection, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let last: unknown;
  let over = false;
  const remember = (error: Error): void => {
    // A cluster client reports the cause of a lost connection first, then the loss itself.
    if (last === undefined || !SAYS_LITTLE.test(error.message)) last = error;
  };
  redis.on("error", remember);
  redis.on("node error", remember);
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(redis, last)), timeoutMs);
  });
  const answered = async (): Promise<void> => {
    for (;;) {
      try {
        await redis.ping();
        await Promise.all(mastersOf(redis).map((node) => node.ping()));
        return;
      } catch (error) {
        if (!(redis instanceof Cluster)) throw unavailable(redis, error);
        if (over) return;
        last ??= error;
        await new Promise((resolve) => setTimeout(resolve, PING_AGAIN_MS));
      }
    }
  };
  try {
    await Promise.race([answered(), late]);
  } finally {
    over = true;
    clearTimeout(timer);
    redis.off("error", remember);
    redis.off("node error", remember);
  }
}

/** Returns the servers that hold keys: every known master of a cluster, or the single server. */
export function mastersOf(redis: RedisConnection): readonly Redis[] {
  return redis instanceof Cluster ? redis.nodes("master") : [redis];
}

/** Matches ioredis's generic messages for an unreachable node and an unreachable cluster. */
const SAYS_LITTLE = /^(?:Connection is closed\.|Failed to refresh slots cache\.)$/;

/** Omits the cause, because an ioredis error contains the whole command, and an AUTH command contains the password. */
function unavailable(redis: RedisConnection, why: unknown): DarkroomError {
  const address = addresses.get(redis);
  const place = address === undefined ? "" : ` at ${describeAddress(address)}`;
  const said = why === undefined ? "" : messageOf(why);
  return new DarkroomError(
    "redis_unavailable",
    `${WHAT[address?.kind ?? "server"]}${place} cannot be used: ${said === "" || SAYS_LITTLE.test(said) ? "no answer" : said}. ` +
      "Check that Redis is running and that REDIS_URL is correct.",
    { retryable: true },
  );
}

const WHAT = { server: "Redis", sentinel: "Redis behind the Sentinels", cluster: "The Redis cluster" } as const;
