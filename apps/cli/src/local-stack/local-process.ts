import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { startApi, type RunningApi } from "@darkroom/api";
import { readEngineSettings, type Environment } from "@darkroom/config";
import { Staffing, endInOrder } from "@darkroom/ledger";
import { findOrStartRedis, type LocalRedis, type RedisFate } from "@darkroom/local-stack";
import type { RunningProducer } from "@darkroom/producer";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { createMetrics } from "@darkroom/runtime";
import type { Twin, TwinOptions } from "@darkroom/twin";
import type { RunningWorker } from "@darkroom/worker";
import type { CliEnv } from "../environment/env.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { openLogFiles, type LogFiles } from "./log-files.ts";
import type { ProviderChoice } from "../options/provider-choice.ts";

/** The twin forgives: nothing is paid, so waits can be short. */
const TWIN_DEFAULTS: Environment = {
  DARKROOM_BACKOFF_BASE_MS: "1000",
  DARKROOM_BACKOFF_CAP_MS: "10000",
};
/** A call's deadline where none is set, and the least that a twin of our own gets on a busy machine. */
const DEADLINE_MS = 900_000;
const LEAST_DEADLINE_MS = 60_000;

/**
 * The deadline of calls to a twin of our own, at its pace. Its memory ends with its command: what it was at then is looked
 * for in vain, for as long as a call may take.
 */
function deadlineOf({ clock = 1 }: Pick<TwinOptions, "clock">): Environment {
  const deadlineMs = Math.max(LEAST_DEADLINE_MS, Math.round(DEADLINE_MS / Math.max(1, clock)));
  return { DARKROOM_DEADLINE_MS: String(deadlineMs) };
}

/** Somebody waits at the terminal: what does not end in this time is handed back with its receipt. */
const GRACE_DEFAULT: Environment = { DARKROOM_GRACE_MS: "10000" };

export interface LocalOptions {
  /** Undefined: the API takes no new batches. */
  readonly provider?: ProviderChoice | undefined;
  /** Where the API listens. Defaults to a free port of the loopback address. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** The key that the API asks for. Defaults to one that nobody else knows. */
  readonly apiKey?: string | null;
  /** For a twin of our own. */
  readonly twin?: TwinOptions;
  /** Beside those of the environment; they win. */
  readonly variables?: Environment;
  /** Defaults to true: the Redis of the data folder, shared and kept. */
  readonly persistent?: boolean;
  /** Told what was tried and did not do, and what has ended and runs again. */
  readonly log: (line: string) => void;
  /** Told when the work cannot go on here, because Redis has ended for good. */
  readonly onLost: (error: CommandError) => void;
}

/** What a command was asked to do: what lies in the same data folder beside it is left as it is. */
interface AskedWork {
  readonly batches: "all" | readonly string[];
  /** Schedules whose runs it starts. Defaults to all with all batches, to none otherwise. */
  readonly schedules?: readonly string[];
}

/** All of Darkroom in this process. */
export interface LocalProcess {
  readonly apiUrl: string;
  readonly apiKey: string | undefined;
  readonly redisHow: string;
  readonly logFolder: string;
  /** The twin, where one of our own runs. */
  readonly twin: Twin | undefined;
  /** Starts a producer and a worker, for what is asked of them and nothing else, beside those that run already. */
  startWork(provider: ProviderChoice, asked: AskedWork): Promise<void>;
  /** True when no other process of this data folder lives, so that none can work on its batches. */
  isAlone(): boolean;
  /** Takes no more work, and hands back what does not end within the grace period. */
  stopWork(): Promise<void>;
  close(): Promise<void>;
}

/** A Redis that answers takes no time to be told that it ends. */
const END_REDIS_MS = 2_000;
/** Without its Redis the work cannot be handed back: its calls get so long to end, and no more. */
const END_LOST_MS = 3_000;

/**
 * Brings Redis and the API; work is started by itself.
 *
 * @throws DarkroomError `tool_missing` when no Redis can be had, `invalid_settings`
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
  back: "Redis runs again, and the work goes on.",
} as const;

/** What was delivered is where it was; the rest goes on from the data folder, or from the object store without it. */
function lostText(why: string): string {
  return `${why.replace(/\.$/, "")}. This command cannot go on, and ends; nothing more is started. Once that is mended, a batch goes on with: darkroom watch <id>, or without its data folder with: darkroom recover <destination>`;
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
  /** Set once the settings were read, before anything is opened that would have to be closed. */
  #namespace = "";
  #logs: LogFiles | undefined;
  #redis: LocalRedis | undefined;
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
    this.#namespace = readEngineSettings(this.#base()).redis.namespace;
    this.#logs = await openLogFiles(dataDir, logLevel);
    this.#redis = await findOrStartRedis({
      dataDir,
      log,
      told: (fate) => this.#tell(fate),
      persistent: persistent ?? true,
      ...(redisUrl === undefined ? {} : { redisUrl }),
    });
    await this.#missTheDead();
    const parts = { log: this.#logs.logger("api"), metrics: this.#metrics };
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
    // Commands that do no work start without these.
    const [{ startProducer }, { startWorker }] = await Promise.all([
      import("@darkroom/producer"),
      import("@darkroom/worker"),
    ]);
    const parts = (app: string) => ({ log: logs.logger(app), metrics: this.#metrics });
    // A Redis of our own is used from this machine alone, by one clock. With the usual margin it would seem to have
    // forgotten of each batch that is submitted within a minute of its start.
    const clockSkewMs = this.#env.redisUrl === undefined ? 0 : undefined;
    const producer = await startProducer(settings, { ...parts("producer"), clockSkewMs, batches, schedules });
    const working: Working = { producer, worker: undefined };
    this.#working.push(working);
    working.worker = await startWorker(settings, { ...parts("worker"), clockSkewMs, batches });
  }

  async stopWork(): Promise<void> {
    const all = this.#working.splice(0);
    // Its memory and its pictures end with this process: what it was asked for is made at once, and stored.
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
    await this.#closeRedis();
    await this.#logs?.close();
  }

  /** Alone in the data folder, this process knows at once what others find after a while: those that were killed are gone. */
  async #missTheDead(): Promise<void> {
    const { url } = this.#redis ?? {};
    if (url === undefined || !this.isAlone()) return;
    const redis = connectRedis({ url, name: "attendance", onError: () => undefined, whenRefused: "fail" });
    try {
      await new Staffing(redis, this.#namespace).clear(() => this.isAlone());
    } finally {
      await closeRedis(redis);
    }
  }

  /** The last process of the data folder ends its Redis: whoever starts it again needs not wait for what it forgot. */
  async #closeRedis(): Promise<void> {
    const local = this.#redis;
    if (local?.isAlone() === true && !this.#isLost) {
      const redis = connectRedis({ url: local.url, name: "end", onError: () => undefined, whenRefused: "fail" });
      // One that has died already has not ended in order, and answers nothing.
      const late = setTimeout(() => redis.disconnect(), END_REDIS_MS);
      await endInOrder(redis, this.#namespace).catch(() => undefined);
      clearTimeout(late);
      await closeRedis(redis);
    }
    await local?.close();
  }

  /** The variables of an API that takes no batches: of the provider's timing, which depends on the provider, it needs none. */
  #base(): Environment {
    const { variables, dataDir } = this.#env;
    const listen = this.#options.listen ?? { host: "127.0.0.1", port: 0 };
    return {
      ...variables,
      REDIS_URL: this.#redis?.url,
      DARKROOM_DATA_DIR: dataDir,
      DARKROOM_LOCAL_ROOTS: "any",
      DARKROOM_LINK_SECRET: this.#linkSecret,
      DARKROOM_HOST: listen.host,
      DARKROOM_PORT: String(listen.port),
      DARKROOM_API_KEY: this.apiKey,
      DARKROOM_TWIN: "false",
      ...this.#listedAccounts(false),
      DARKROOM_DEADLINE_MS: undefined,
      DARKROOM_IDLE_MS: undefined,
      ...this.#options.variables,
    };
  }

  async #withProvider(provider: ProviderChoice): Promise<Environment> {
    const { DARKROOM_DEADLINE_MS, DARKROOM_IDLE_MS } = this.#env.variables;
    const base = { DARKROOM_DEADLINE_MS, DARKROOM_IDLE_MS, ...withoutEmpty(this.#base()) };
    if (provider === "key") return { ...GRACE_DEFAULT, ...withoutEmpty(base) };
    const { url, apiKey, photaUrl, photaKey } = await this.#twinAccount();
    // One that is given its own silence gets the deadline that goes with it.
    const ownPace = this.#twin !== undefined && DARKROOM_IDLE_MS === undefined;
    return {
      ...GRACE_DEFAULT,
      ...TWIN_DEFAULTS,
      ...(ownPace ? deadlineOf(this.#twinOptions()) : {}),
      ...withoutEmpty(base),
      DARKROOM_TWIN: "true",
      ...this.#listedAccounts(true),
      EACHLABS_BASE_URL: url,
      // Never a paid account's key: it has no business with a twin.
      EACHLABS_API_KEY: apiKey,
      PHOTA_BASE_URL: photaUrl,
      PHOTA_API_KEY: photaKey,
      // A public address may not lead back to this machine from within; our own twin is right here.
      DARKROOM_PUBLIC_URL: (this.#twin === undefined ? this.#env.publicUrl : undefined) ?? this.#api?.url,
    };
  }

  /** The list is of paid accounts, or of twins where DARKROOM_TWIN is set; neither does the other's work. */
  #listedAccounts(ofTwins: boolean): Environment {
    const { twin, variables } = this.#env;
    const { DARKROOM_ACCOUNTS, DARKROOM_ACCOUNTS_FILE } = ofTwins === twin ? variables : {};
    return { DARKROOM_ACCOUNTS, DARKROOM_ACCOUNTS_FILE };
  }

  #twinOptions(): TwinOptions {
    return { clock: this.#env.twinClock, ...this.#options.twin };
  }

  async #twinAccount(): Promise<TwinAccount> {
    const { twinUrl, variables } = this.#env;
    const { startTwin, TWIN_API_KEY } = await import("@darkroom/twin");
    if (twinUrl !== undefined) {
      const apiKey = variables["EACHLABS_API_KEY"] || TWIN_API_KEY;
      // A named twin stands in for both providers, unless there is another one for Phota.
      const photaUrl = variables["PHOTA_BASE_URL"] || twinUrl;
      return { url: twinUrl, apiKey, photaUrl, photaKey: variables["PHOTA_API_KEY"] || apiKey };
    }
    this.#twin ??= await startTwin(this.#twinOptions());
    const { url, apiKey } = this.#twin;
    return { url, apiKey, photaUrl: url, photaKey: apiKey };
  }
}

/** Where the twin stands in for each provider. */
interface TwinAccount {
  readonly url: string;
  readonly apiKey: string;
  readonly photaUrl: string;
  readonly photaKey: string;
}

function withoutEmpty(variables: Environment): Environment {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => (value ?? "").trim() !== ""));
}
