import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { startApi, type RunningApi } from "@darkroom/api";
import { readEngineSettings, type Environment } from "@darkroom/config";
import type { RedisFate } from "@darkroom/local-stack";
import type { RunningProducer } from "@darkroom/producer";
import { createMetrics } from "@darkroom/runtime";
import type { Twin, TwinOptions } from "@darkroom/twin";
import type { RunningWorker } from "@darkroom/worker";
import type { CliEnv } from "../environment/env.ts";
import { namedTwin, twinVariables, type TwinAccount } from "../environment/named-twin.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { baseVariables, listedAccounts } from "./base-variables.ts";
import { FolderRedis } from "./folder-redis.ts";
import { openLogFiles, type LogFiles } from "./log-files.ts";
import type { ProviderChoice } from "../options/provider-choice.ts";

/** Short waits suffice, because the simulator costs nothing. */
const TWIN_DEFAULTS: Environment = {
  DARKROOM_BACKOFF_BASE_MS: "1000",
  DARKROOM_BACKOFF_CAP_MS: "10000",
};
/**
 * The default deadline of a call. Also the minimum for the command's own simulator, which a busy machine slows down.
 */
const DEADLINE_MS = 900_000;
const LEAST_DEADLINE_MS = 60_000;

/**
 * Returns the deadline of calls to the command's own simulator, at its speed. The simulator's memory ends with its
 * command, so a later command tries to recall the last calls without success, for as long as a call may take.
 */
function deadlineOf({ clock = 1 }: Pick<TwinOptions, "clock">): Environment {
  const deadlineMs = Math.max(LEAST_DEADLINE_MS, Math.round(DEADLINE_MS / Math.max(1, clock)));
  return { DARKROOM_DEADLINE_MS: String(deadlineMs) };
}

/** A user waits at the terminal, so portraits that do not end within this time are handed back with their receipts. */
const GRACE_DEFAULT: Environment = { DARKROOM_GRACE_MS: "10000" };

export interface LocalOptions {
  /** Undefined means that the API accepts no new batches. */
  readonly provider?: ProviderChoice | undefined;
  /** Address of the API. Defaults to a free port on loopback. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** The API's key. Defaults to a random key. */
  readonly apiKey?: string | null;
  /** Options of the command's own simulator. */
  readonly twin?: TwinOptions;
  /** Additional environment variables, which take precedence. */
  readonly variables?: Environment;
  /** True for the shared, persistent Redis of the data folder. Defaults to true. */
  readonly persistent?: boolean;
  /** Called with failed attempts, and with processes that ended and were restarted. */
  readonly log: (line: string) => void;
  /** Called when the work cannot continue in this process because Redis has ended permanently. */
  readonly onLost: (error: CommandError) => void;
}

/** The work that a command was asked to do. All other work in the data folder is left unchanged. */
interface AskedWork {
  readonly batches: "all" | readonly string[];
  /** Schedules to run. Defaults to all if the command works on all batches, otherwise to none. */
  readonly schedules?: readonly string[];
}

/** All Darkroom processes, run within this one. */
export interface LocalProcess {
  readonly apiUrl: string;
  readonly apiKey: string | undefined;
  readonly redisHow: string;
  readonly logFolder: string;
  /** The command's own simulator, if it is running. */
  readonly twin: Twin | undefined;
  /** Starts a producer and a worker that do only the given work, in addition to those that are running. */
  startWork(provider: ProviderChoice, asked: AskedWork): Promise<void>;
  /** True when no other live process uses this data folder, so that none can work on its batches. */
  isAlone(): boolean;
  /** Stops taking work, and hands back portraits that do not end within the grace period. */
  stopWork(): Promise<void>;
  close(): Promise<void>;
}

/** Without its Redis, the process cannot hand work back. Running calls get only this much time to end. */
const END_LOST_MS = 3_000;

/**
 * Starts Redis and the API; work is started separately.
 *
 * @throws DarkroomError `tool_missing` when no Redis is available, `invalid_settings`
 */
export async function startLocalProcess(env: CliEnv, options: LocalOptions): Promise<LocalProcess> {
  const local = new EmbeddedStack(env, options);
  try {
    await local.start();
    return local;
  } catch (error) {
    await local.close();
    throw error;
  }
}

const FATES = {
  ended: "The Redis of this folder has ended; starting it again, on the same data…",
  back: "Redis runs again, and work continues.",
} as const;

/**
 * Delivered results are unaffected. The rest continues from the data folder, or from the object store if the data
 * folder is lost.
 */
function lostText(why: string): string {
  return `${why.replace(/\.$/, "")}. This command cannot continue, and ends; nothing more is started. Once that is fixed, continue a batch with: darkroom watch <id>, or without its data folder with: darkroom recover <destination>`;
}

/** A producer and a worker that were started together. */
interface Working {
  readonly producer: RunningProducer;
  worker: RunningWorker | undefined;
}

class EmbeddedStack implements LocalProcess {
  readonly apiKey: string | undefined;
  readonly #env: CliEnv;
  readonly #options: LocalOptions;
  readonly #metrics = createMetrics();
  readonly #linkSecret: string;
  #logs: LogFiles | undefined;
  #redis: FolderRedis | undefined;
  #twin: Twin | undefined;
  #api: RunningApi | undefined;
  readonly #working: Working[] = [];
  #isLost = false;

  constructor(env: CliEnv, options: LocalOptions) {
    this.#env = env;
    this.#options = options;
    this.apiKey = options.apiKey === null ? undefined : (options.apiKey ?? randomBytes(24).toString("hex"));
    this.#linkSecret = env.variables["DARKROOM_LINK_SECRET"] || randomBytes(32).toString("hex");
  }

  get apiUrl(): string {
    return this.#api?.url ?? "";
  }

  get redisHow(): string {
    return this.#redis?.how ?? "";
  }

  get logFolder(): string {
    return this.#logs?.folder ?? "";
  }

  get twin(): Twin | undefined {
    return this.#twin;
  }

  async start(): Promise<void> {
    const { dataDir, redisUrl, logLevel } = this.#env;
    const { provider, persistent, log } = this.#options;
    // Checks the settings before any resource is opened that must be closed later.
    const { namespace } = readEngineSettings(this.#base()).redis;
    this.#logs = await openLogFiles(dataDir, logLevel);
    const found = {
      dataDir,
      log,
      told: (fate: RedisFate) => this.#tell(fate),
      persistent: persistent ?? true,
      ...(redisUrl === undefined ? {} : { redisUrl }),
    };
    this.#redis = await FolderRedis.open(found, namespace);
    // Only this command uses the API, so the API serves no docs.
    const hasDocs = this.#options.listen !== undefined;
    const parts = { log: this.#logs.logger("api"), metrics: this.#metrics, hasDocs };
    const variables = provider === undefined ? this.#base() : await this.#withProvider(provider);
    this.#api = await startApi(readEngineSettings(variables), parts);
  }

  #tell(fate: RedisFate): void {
    const { log, onLost } = this.#options;
    if (fate.type === "given-up") {
      this.#isLost = true;
      onLost(new CommandError(EXIT.unreachable, lostText(fate.why)));
    } else {
      log(FATES[fate.type]);
    }
  }

  async startWork(provider: ProviderChoice, { batches, schedules }: AskedWork): Promise<void> {
    const logs = this.#logs;
    if (logs === undefined) throw new Error("the stack has not been started");
    const settings = readEngineSettings(await this.#withProvider(provider));
    // Imported dynamically, so that commands without work start faster.
    const [{ startProducer }, { startWorker }] = await Promise.all([
      import("@darkroom/producer"),
      import("@darkroom/worker"),
    ]);
    const parts = (app: string) => ({ log: logs.logger(app), metrics: this.#metrics });
    // A Redis of the command's own is used only from this machine, with one clock. With the usual margin for clock
    // skew, Redis would appear to have forgotten each batch that is submitted within a minute after Redis started.
    const clockSkewMs = this.#env.redisUrl === undefined ? 0 : undefined;
    const producer = await startProducer(settings, { ...parts("producer"), clockSkewMs, batches, schedules });
    const working: Working = { producer, worker: undefined };
    this.#working.push(working);
    working.worker = await startWorker(settings, { ...parts("worker"), clockSkewMs, batches });
  }

  async stopWork(): Promise<void> {
    const all = this.#working.splice(0);
    // The simulator's memory and pictures end with this process, so the simulator completes requested pictures at once
    // and they are stored.
    this.#twin?.hurry();
    const stopped = Promise.all(all.map(async ({ worker }) => await worker?.close())).then(() =>
      Promise.all(all.map(({ producer }) => producer.close())),
    );
    await (this.#isLost ? Promise.race([stopped, sleep(END_LOST_MS)]) : stopped);
  }

  isAlone(): boolean {
    return this.#redis?.isAlone() ?? false;
  }

  async close(): Promise<void> {
    await this.stopWork();
    const served = Promise.all([this.#api?.close(), this.#twin?.close()]);
    await (this.#isLost ? Promise.race([served, sleep(END_LOST_MS)]) : served);
    await this.#redis?.close(this.#isLost);
    await this.#logs?.close();
  }

  #base(): Environment {
    const { host, port } = this.#options.listen ?? { host: "127.0.0.1", port: 0 };
    return baseVariables(this.#env, {
      REDIS_URL: this.#redis?.url,
      DARKROOM_LINK_SECRET: this.#linkSecret,
      DARKROOM_HOST: host,
      DARKROOM_PORT: String(port),
      DARKROOM_API_KEY: this.apiKey,
      ...this.#options.variables,
    });
  }

  async #withProvider(provider: ProviderChoice): Promise<Environment> {
    const { DARKROOM_DEADLINE_MS, DARKROOM_IDLE_MS } = this.#env.variables;
    const base = { DARKROOM_DEADLINE_MS, DARKROOM_IDLE_MS, ...withoutEmpty(this.#base()) };
    if (provider === "key") return { ...GRACE_DEFAULT, ...withoutEmpty(base) };
    const account = await this.#twinAccount();
    // A custom idle limit gets a matching deadline.
    const ownPace = this.#twin !== undefined && DARKROOM_IDLE_MS === undefined;
    return {
      ...GRACE_DEFAULT,
      ...TWIN_DEFAULTS,
      ...(ownPace ? deadlineOf(this.#twinOptions()) : {}),
      ...withoutEmpty(base),
      DARKROOM_TWIN: "true",
      ...listedAccounts(this.#env, true),
      ...twinVariables(account),
      // The public address may not be reachable from inside the network. The command's own simulator is local.
      DARKROOM_PUBLIC_URL: (this.#twin === undefined ? this.#env.publicUrl : undefined) ?? this.#api?.url,
    };
  }

  #twinOptions(): TwinOptions {
    return { clock: this.#env.twinClock, ...this.#options.twin };
  }

  async #twinAccount(): Promise<TwinAccount> {
    const named = await namedTwin(this.#env);
    if (named !== undefined) return named;
    const { startTwin } = await import("@darkroom/twin");
    this.#twin ??= await startTwin(this.#twinOptions());
    const { url, apiKey } = this.#twin;
    return { url, apiKey, photaUrl: url, photaKey: apiKey };
  }
}

function withoutEmpty(variables: Environment): Environment {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => (value ?? "").trim() !== ""));
}
