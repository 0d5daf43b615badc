import { Cluster, Redis, type ClusterNode, type ClusterOptions, type Command, type RedisOptions } from "ioredis";
import type { DarkroomError } from "@darkroom/core";
import { denialOf, refusalKind, refusalOf } from "./refusal.ts";

/** What becomes of a command that Redis refuses because it is full, read-only or not well. */
export interface Patience {
  /** `wait`: it is sent again until it is taken. `fail`: it fails with one clear sentence. */
  readonly whenRefused: "wait" | "fail";
  readonly onRefusal: (refusal: DarkroomError) => void;
}

/** Between two tries of a refused command. */
const REFUSED_AGAIN_MS = 500;
/** After the loss of a connection. */
const LOST_AGAIN_MS = 50;
/** A fail-over may just be over: even a command that may fail is sent to the next server this often. */
const READ_ONLY_TRIES = 3;
/** Where a server's silence counts it is asked this often within it. */
const ASKS_PER_SILENCE = 4;

/**
 * ioredis gives up on commands in the middle of a pipeline when the connection ends (`redis/event_handler`,
 * `abortError`). The others are a blocking command whose master becomes a replica, and a server that reads its file.
 */
const LOST = /^(?:Command aborted due to connection close$|UNBLOCKED |LOADING )/;
/**
 * Beside those: a cluster's node is away, or there is no connection to listen on (`cluster/index`). Redirections come
 * here only from within pipelines, where ioredis follows them only if all of its commands have met the same one.
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
  /** Names of the commands that the server has carried out. */
  readonly allowed: Set<string>;
}

/**
 * Sends a command again where ioredis would give up on it. What Darkroom sends can all be repeated: scripts answer
 * `duplicate`, jobs have ids of their own. Parts of a MULTI are left alone.
 */
function guard(command: Command, patience: Patience, lost: RegExp, connection: GuardedConnection): void {
  if (guarded.has(command) || command.inTransaction) return;
  guarded.add(command);
  const reject = command.reject.bind(command);
  let readOnlyTries = 0;
  const sendAgain = (afterMs: number): void => {
    // It stands for itself now: its pipeline is over.
    delete command.pipelineIndex;
    setTimeout(() => connection.again(command), afterMs);
  };
  const { allowed } = connection;
  // What ioredis says first tells it that a connection is of no use: it makes another one, and commands wait for that.
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
 * ioredis counts a server's silence on after its connection has ended, and then cuts the connection to its successor,
 * with whatever is under way there.
 */
function forgetSilence(redis: Redis): void {
  const counting = redis as unknown as { socketTimeoutTimer?: NodeJS.Timeout | undefined };
  clearTimeout(counting.socketTimeoutTimer);
  counting.socketTimeoutTimer = undefined;
}

/** What ioredis itself says to a server before the connection is ready. */
const HANDSHAKE: ReadonlySet<string> = new Set(["auth", "client", "hello", "readonly", "select"]);

function isHandshake({ name, args }: Command): boolean {
  return HANDSHAKE.has(name) || (name === "info" && args.length === 0);
}

/** A connection to one server, or to the master that Sentinels name, that loses no command. */
export class PatientRedis extends Redis {
  readonly #patience: Patience;
  readonly #options: RedisOptions;
  #leaving = false;
  #asking: NodeJS.Timeout | undefined;
  readonly #guard: GuardedConnection;
  /** Whichever stream is open when something is written: of a stream that it is given, ioredis uses only this much. */
  readonly #presentStream = { write: (data: string | Buffer) => this.stream.write(data) } as unknown as Stream;

  constructor(options: RedisOptions, patience: Patience) {
    super(options);
    this.#options = options;
    this.#patience = patience;
    this.#guard = {
      isOver: () => this.status === "end",
      // The next connection may lead to the new master. Many commands hear of it at once.
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
   * A frozen server keeps its sockets open: one that only listens, or has nothing to say, would never notice, and who
   * goes from one connection to the next would wait for each of them in turn.
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
   * Before the connection is ready ioredis writes what a server answers while it loads (INFO, SUBSCRIBE, PING), and
   * forgets it for ever should the connection end there: the server is no master any more, or dies. As with a stream of
   * its own, such a command waits for the connection, and is sent again over the next one.
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

/** A connection to a cluster that waits for its nodes to come back, or to be followed by their replicas. */
export class PatientCluster extends Cluster {
  readonly #patience: Patience;
  readonly #nodes: readonly ClusterNode[];
  /** Told to close: what is under way ends with it. */
  #closing = false;
  readonly #guard: GuardedConnection;

  constructor(nodes: readonly ClusterNode[], options: ClusterOptions, patience: Patience) {
    super([...nodes], options);
    this.#nodes = nodes;
    this.#patience = patience;
    this.#guard = {
      isOver: () => this.status === "end" || this.#closing,
      // A node that became a replica is known by the next look at the slots.
      reconnect: () => this.refreshSlotsCache(),
      again: (command) => this.sendCommand(command),
      allowed: new Set(),
    };
    this.on("connecting", () => (this.#closing = false));
  }

  override disconnect(reconnect = false): void {
    this.#closing = !reconnect;
    // Between two tries ioredis has no node whose end it could wait for, and would never say that it has ended.
    if (!reconnect && this.status === "reconnecting") this.status = "wait";
    super.disconnect(reconnect);
  }

  override quit(...callback: Parameters<Cluster["quit"]>): Promise<"OK"> {
    this.#closing = true;
    return super.quit(...callback);
  }

  /** ioredis wraps the same function for redirections; ours is asked last, when it gives up. */
  override sendCommand(command: Command, stream?: Parameters<Cluster["sendCommand"]>[1], node?: unknown): unknown {
    guard(command, this.#patience, NODE_LOST, this.#guard);
    return super.sendCommand(command, stream, node);
  }

  override duplicate(nodes: readonly ClusterNode[] = [], options: Partial<ClusterOptions> = {}): Cluster {
    return new PatientCluster(nodes.length > 0 ? nodes : this.#nodes, { ...this.options, ...options }, this.#patience);
  }
}
