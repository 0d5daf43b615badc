import { Cluster, Redis, type ClusterOptions, type RedisOptions } from "ioredis";
import { DarkroomError, messageOf, protocolMs } from "@darkroom/core";
import { PatientCluster, PatientRedis, type Patience } from "./patient-redis.ts";
import { describeAddress, parseRedisUrl, type RedisAddress } from "./redis-address.ts";

/** A connection to Redis, be it one server (a Sentinel's master too) or a cluster. */
export type RedisConnection = Redis | Cluster;

/** What a Redis asks for that its URL does not hold. */
export interface RedisAccess {
  /** PEM of the authorities that its certificate is checked with, in place of the system's. */
  readonly ca?: string;
  /** The Sentinels' own user and password; the URL's are the master's. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

export interface ConnectOptions {
  /** One of the forms of `REDIS_URL_FORMS`; may hold a user and a password. */
  readonly url: string;
  readonly access?: RedisAccess;
  /** Shown in `CLIENT LIST`. */
  readonly name: string;
  /**
   * Told of every lost connection, and of every write that was refused because Redis is full or read-only; without it
   * they would be printed with whole Lua scripts.
   */
  readonly onError: (error: Error) => void;
  /** Sends the commands of one tick together; a cluster's never are. Defaults to true. */
  readonly autoPipelining?: boolean;
  /**
   * What becomes of a write that Redis refuses because it is full, read-only or not well: `wait` until it is taken, or
   * `fail` with one clear sentence, where somebody waits for an answer. Defaults to `wait`.
   */
  readonly whenRefused?: Patience["whenRefused"];
}

/** The longest wait between two tries to reach Redis again. */
const RECONNECT_CAP_MS = protocolMs(2_000);
/**
 * Behind Sentinels or in a cluster a server that says nothing for so long may have a successor: it is asked for. Longer
 * than any command that blocks (BullMQ's wait is at most 10 s).
 */
const SILENT_MS = 20_000;
/** A Sentinel that says nothing for so long may be frozen: the next one is asked. */
const SENTINEL_SILENT_MS = 2_000;
/** A cut cable is noticed on connections that only listen, too. */
const KEEP_ALIVE_MS = 10_000;
/** Between two looks at who serves which slots. */
const SLOTS_MS = protocolMs(5_000);
/** Two nodes that point at each other while a fail-over settles must not be asked in a tight loop. */
const MOVED_AGAIN_MS = 20;

function reconnectDelayMs(tries: number): number {
  return Math.min(50 * 2 ** Math.min(tries, 10), RECONNECT_CAP_MS);
}

function commonOptions(address: RedisAddress, { name, access }: ConnectOptions): RedisOptions {
  const { username, password, tls } = address;
  return {
    connectionName: name,
    // A command waits for Redis to come back: giving up on a settle would forget what was paid.
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
    // Within a pipeline ioredis gives up on commands whose slots move apart.
    enableAutoPipelining: false,
    clusterRetryStrategy: reconnectDelayMs,
    // As often as it takes: see `maxRetriesPerRequest`.
    maxRedirections: Number.MAX_SAFE_INTEGER,
    retryDelayOnMoved: MOVED_AGAIN_MS,
    slotsRefreshInterval: SLOTS_MS,
    // A name stays a name, which its certificate is checked with.
    dnsLookup: (host, done) => done(null, host),
    redisOptions: { ...commonOptions(address, options), socketTimeout: SILENT_MS, keepAlive: KEEP_ALIVE_MS },
  };
}

/**
 * Opens a connection that reconnects for ever, to what the URL says: a server, the master that Sentinels name, or a
 * cluster. A command that was under way when its server died, or became a replica, is sent again to its successor.
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

/** For messages: a cluster's client does not tell what it was opened with. */
const addresses = new WeakMap<RedisConnection, RedisAddress>();

/** How long a Redis may take to say goodbye. */
const QUIT_MS = 1_000;

/** Closes a connection, gently where Redis answers; one that is frozen does not hold up a shutdown. */
export async function closeRedis(redis: RedisConnection): Promise<void> {
  if (redis.status === "end") return;
  if (redis.status !== "ready") return redis.disconnect();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, QUIT_MS)));
  // A goodbye to a node that has just died may never be answered; whoever closes does not wait for that.
  await Promise.race([redis.quit().catch(() => undefined), late]);
  clearTimeout(timer);
  redis.disconnect();
}

/** Between two tries of a cluster, whose client gives up at once when none of its nodes is there. */
const PING_AGAIN_MS = 100;

/**
 * Waits until Redis answers a PING, a cluster's every master.
 *
 * @throws DarkroomError `redis_unavailable`, naming hosts and ports but no password
 */
export async function awaitRedis(redis: RedisConnection, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let last: unknown;
  let over = false;
  const remember = (error: Error): void => {
    // A cluster's client tells the cause of a lost connection first, and then that it was lost.
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

/** The servers that hold keys: every master of a cluster that is known, or the one server. */
export function mastersOf(redis: RedisConnection): readonly Redis[] {
  return redis instanceof Cluster ? redis.nodes("master") : [redis];
}

/** ioredis's own words for a node that is not there, and for a cluster whose nodes are not there. */
const SAYS_LITTLE = /^(?:Connection is closed\.|Failed to refresh slots cache\.)$/;

/** Without the cause: an error of ioredis holds its whole command, and that of AUTH is the password. */
function unavailable(redis: RedisConnection, why: unknown): DarkroomError {
  const address = addresses.get(redis);
  const place = address === undefined ? "" : ` at ${describeAddress(address)}`;
  const said = why === undefined ? "" : messageOf(why);
  return new DarkroomError(
    "redis_unavailable",
    `${WHAT[address?.kind ?? "server"]}${place} cannot be used: ${said === "" || SAYS_LITTLE.test(said) ? "no answer" : said}. ` +
      "Check that it runs and that REDIS_URL is right.",
    { retryable: true },
  );
}

const WHAT = { server: "Redis", sentinel: "Redis behind the Sentinels", cluster: "The Redis cluster" } as const;
