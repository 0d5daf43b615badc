import { Cluster, Redis, type ClusterNode, type ClusterOptions, type Command, type RedisOptions } from "ioredis";
import type { DarkroomError } from "@darkroom/core";
import { denialOf, refusalKind, refusalOf } from "./refusal.ts";

/** How to handle a command that Redis refuses because it is full, read-only or unhealthy. */
export interface Patience {
  /** `wait` retries until Redis accepts the command. `fail` throws one clear error. */
  readonly whenRefused: "wait" | "fail";
  readonly onRefusal: (refusal: DarkroomError) => void;
}

/** Delay before retrying a refused command. */
const REFUSED_AGAIN_MS = 500;
/** Delay before retrying after a lost connection. */
const LOST_AGAIN_MS = 50;
/**
 * Tries of a read-only server even with `fail`, because a failover may just have ended and another server may be next.
 */
const READ_ONLY_TRIES = 3;
/** Number of PINGs within the allowed silence. */
const ASKS_PER_SILENCE = 4;

/**
 * Errors with which ioredis fails commands in a pipeline when the connection ends (`redis/event_handler`,
 * `abortError`), blocking commands whose master becomes a replica, and commands to a server that is loading.
 */
const LOST = /^(?:Command aborted due to connection close$|UNBLOCKED |LOADING )/;
/**
 * The same errors, plus those of an unreachable cluster node or subscriber (`cluster/index`). Redirections arrive here
 * only from pipelines: ioredis follows them only if all commands of the pipeline got the same one.
 */
const NODE_LOST =
  /^(?:Command aborted due to connection close$|Connection is closed\.$|No subscriber for the cluster$|(?:UNBLOCKED|LOADING|MOVED|ASK|TRYAGAIN|CLUSTERDOWN) )/;

type Stream = NonNullable<Parameters<Redis["sendCommand"]>[1]>;
type Sender = (command: Command) => unknown;

const guarded = new WeakSet<Command>();

interface GuardedConnection {
  readonly isOver: () => boolean;
  readonly reconnect: () => void;
  readonly again: Sender;
  /** Names of the commands that the server has executed before. */
  readonly allowed: Set<string>;
}

/**
 * Retries a command that ioredis would fail. All of Darkroom's commands are idempotent: scripts reply `duplicate`, and
 * jobs have their own ids. Does not change commands within a MULTI.
 */
function guard(command: Command, patience: Patience, lost: RegExp, connection: GuardedConnection): void {
  if (guarded.has(command) || command.inTransaction) return;
  guarded.add(command);
  const reject = command.reject.bind(command);
  let readOnlyTries = 0;
  const sendAgain = (afterMs: number): void => {
    // The command's pipeline is over, so the command is retried alone.
    delete command.pipelineIndex;
    setTimeout(() => connection.again(command), afterMs);
  };
  const { allowed } = connection;
  // A failed handshake command must fail: its error makes ioredis open another connection, for which commands wait.
  const isOurs = !isHandshake(command);
  if (isOurs && !allowed.has(command.name)) {
    const resolve = command.resolve.bind(command);
    command.resolve = (result) => {
      allowed.add(command.name);
      resolve(result);
    };
  }
  command.reject = (error) => {
    if (connection.isOver()) return reject(error);
    if (lost.test(error.message)) return sendAgain(LOST_AGAIN_MS);
    const kind = refusalKind(error);
    const refusal = refusalOf(error) ?? (isOurs && allowed.has(command.name) ? denialOf(error) : undefined);
    if (refusal === undefined) return reject(error);
    patience.onRefusal(refusal);
    if (kind === "read-only") {
      connection.reconnect();
      readOnlyTries += 1;
      if (readOnlyTries < READ_ONLY_TRIES) return sendAgain(REFUSED_AGAIN_MS);
    }
    if (patience.whenRefused === "fail") return reject(refusal);
    sendAgain(REFUSED_AGAIN_MS);
  };
}

/**
 * Stops ioredis's silence timer, which otherwise continues after the connection has ended and closes the next
 * connection with its commands in flight.
 */
function forgetSilence(redis: Redis): void {
  const counting = redis as unknown as { socketTimeoutTimer?: NodeJS.Timeout | undefined };
  clearTimeout(counting.socketTimeoutTimer);
  counting.socketTimeoutTimer = undefined;
}

/** Commands that ioredis sends by itself before the connection is ready. */
const HANDSHAKE: ReadonlySet<string> = new Set(["auth", "client", "hello", "readonly", "select"]);

function isHandshake({ name, args }: Command): boolean {
  return HANDSHAKE.has(name) || (name === "info" && args.length === 0);
}

/** A connection to one server, or to the Sentinels' master, that loses no command. */
export class PatientRedis extends Redis {
  readonly #patience: Patience;
  readonly #options: RedisOptions;
  #leaving = false;
  #asking: NodeJS.Timeout | undefined;
  readonly #guard: GuardedConnection;
  /** Writes to the stream that is open at that time. ioredis uses only `write` of a stream passed to it. */
  readonly #presentStream = { write: (data: string | Buffer) => this.stream.write(data) } as unknown as Stream;

  constructor(options: RedisOptions, patience: Patience) {
    super(options);
    this.#options = options;
    this.#patience = patience;
    this.#guard = {
      isOver: () => this.status === "end",
      // The next connection may lead to the new master. Many commands may request a reconnection at once.
      reconnect: () => {
        if (this.status !== "ready" || this.#leaving) return;
        this.#leaving = true;
        this.disconnect(true);
      },
      again: (command) => this.sendCommand(command),
      allowed: new Set(),
    };
    this.on("ready", () => this.#askWhetherItLives());
    this.on("close", () => {
      this.#leaving = false;
      clearInterval(this.#asking);
      forgetSilence(this);
    });
  }

  /**
   * Sends PINGs, because a frozen server keeps its sockets open and a connection that only listens would not notice.
   */
  #askWhetherItLives(): void {
    const { socketTimeout } = this.#options;
    if (socketTimeout === undefined) return;
    clearInterval(this.#asking);
    this.#asking = setInterval(() => {
      this.ping().catch(() => undefined);
    }, socketTimeout / ASKS_PER_SILENCE).unref();
  }

  /**
   * ioredis writes some commands before the connection is ready (INFO, SUBSCRIBE, PING) and drops them if the
   * connection then ends. With an explicit stream, ioredis keeps such a command and resends it over the next
   * connection.
   */
  override sendCommand(command: Command, stream?: Stream): unknown {
    guard(command, this.#patience, LOST, this.#guard);
    const early = stream === undefined && this.status === "connect" && !isHandshake(command);
    return super.sendCommand(command, early ? this.#presentStream : stream);
  }

  override duplicate(override: Partial<RedisOptions> = {}): Redis {
    return new PatientRedis({ ...this.#options, ...override }, this.#patience);
  }
}

/** A cluster connection that waits for nodes to return or for replicas to take over. */
export class PatientCluster extends Cluster {
  readonly #patience: Patience;
  readonly #nodes: readonly ClusterNode[];
  /** Set by a close, so that commands in flight fail. */
  #closing = false;
  readonly #guard: GuardedConnection;

  constructor(nodes: readonly ClusterNode[], options: ClusterOptions, patience: Patience) {
    super([...nodes], options);
    this.#nodes = nodes;
    this.#patience = patience;
    this.#guard = {
      isOver: () => this.status === "end" || this.#closing,
      // The refreshed slot map shows which node became a replica.
      reconnect: () => this.refreshSlotsCache(),
      again: (command) => this.sendCommand(command),
      allowed: new Set(),
    };
    this.on("connecting", () => (this.#closing = false));
  }

  override disconnect(reconnect = false): void {
    this.#closing = !reconnect;
    // While ioredis waits to reconnect, it has no node that could end, so it would never emit `end`.
    if (!reconnect && this.status === "reconnecting") this.status = "wait";
    super.disconnect(reconnect);
  }

  override quit(...callback: Parameters<Cluster["quit"]>): Promise<"OK"> {
    this.#closing = true;
    return super.quit(...callback);
  }

  /** ioredis wraps the same `reject` for redirections. This wrapper runs last, when ioredis gives up. */
  override sendCommand(command: Command, stream?: Parameters<Cluster["sendCommand"]>[1], node?: unknown): unknown {
    guard(command, this.#patience, NODE_LOST, this.#guard);
    return super.sendCommand(command, stream, node);
  }

  override duplicate(nodes: readonly ClusterNode[] = [], options: Partial<ClusterOptions> = {}): Cluster {
    return new PatientCluster(nodes.length > 0 ? nodes : this.#nodes, { ...this.options, ...options }, this.#patience);
  }
}
