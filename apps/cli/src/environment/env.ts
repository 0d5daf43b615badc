import { resolve } from "node:path";
import { EnvironmentReader, settingProblems, type Environment } from "@darkroom/config";
import { messageOf, PROVIDERS, type ProviderName } from "@darkroom/core";
import { PROVIDER_KEYS } from "./provider-keys.ts";

/** The command's own settings. */
export interface CliEnv {
  /** Absolute. */
  readonly cwd: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly apiUrl: string | undefined;
  readonly apiKey: string | undefined;
  /** The Redis configured by the user. If undefined, the command starts its own. */
  readonly redisUrl: string | undefined;
  readonly publicUrl: string | undefined;
  /** Providers with a key. */
  readonly providerKeys: readonly ProviderName[];
  /** True if `DARKROOM_ACCOUNTS` or its file lists more accounts. */
  readonly hasListedAccounts: boolean;
  /** True if this command uses the simulator for all providers. */
  readonly twin: boolean;
  /** URL of a simulator that is already running. */
  readonly twinUrl: string | undefined;
  /** Speed of the command's own simulator relative to the wall clock. */
  readonly twinClock: number;
  /** An S3 server that the demo may use. */
  readonly demoS3: { readonly endpoint: string } | undefined;
  readonly logLevel: string;
  /** Problems of the settings. Present only for a command that runs despite them. */
  readonly wrongSettings?: string;
  /** All variables, for the settings of the apps that run in this process. */
  readonly variables: Environment;
}

/** At this speed, the simulator answers within 0.5 to 2 s instead of 5 to 20 s. */
const DEFAULT_TWIN_CLOCK = 10;

/**
 * Reads the environment once.
 *
 * @throws DarkroomError `invalid_settings` with every problem, including problems in settings that only the engine
 *   reads
 */
export function readEnv(variables: Environment, cwd: string): CliEnv {
  const read = new EnvironmentReader(variables);
  const env = readAll(read, variables, cwd);
  if (read.problems.length > 0) {
    for (const problem of settingProblems(withoutOwnTwin(env))) read.note(problem);
  }
  read.finish();
  return env;
}

/** Reads the environment without its invalid variables, and also returns the problems. */
export function readEnvInSpite(variables: Environment, cwd: string): CliEnv {
  const read = new EnvironmentReader(variables);
  readAll(read, variables, cwd);
  try {
    return readEnv(variables, cwd);
  } catch (error) {
    const rest = Object.fromEntries(Object.entries(variables).filter(([name]) => !read.wrong.has(name)));
    return { ...readAll(new EnvironmentReader(rest), rest, cwd), wrongSettings: messageOf(error) };
  }
}

/** Returns the settings without a simulator that the command would start itself. */
export function withoutOwnTwin({ twin, twinUrl, variables }: CliEnv): Environment {
  return twin && twinUrl === undefined ? { ...variables, DARKROOM_TWIN: "false" } : variables;
}

function readAll(read: EnvironmentReader, variables: Environment, cwd: string): CliEnv {
  const web = ["http", "https"];
  const given = (name: string): string | undefined => {
    const value = variables[name]?.trim();
    return value === "" ? undefined : value;
  };
  const twin = read.boolean("DARKROOM_TWIN") ?? false;
  const endpoint = given("S3_TEST_ENDPOINT");
  return {
    cwd,
    dataDir: resolve(cwd, read.text("DARKROOM_DATA_DIR") ?? ".darkroom"),
    apiUrl: read.url("DARKROOM_API_URL", web)?.replace(/\/+$/, ""),
    apiKey: read.text("DARKROOM_API_KEY"),
    redisUrl: given("REDIS_URL") === undefined ? undefined : read.redisUrl("REDIS_URL"),
    publicUrl: read.url("DARKROOM_PUBLIC_URL", web),
    providerKeys: PROVIDERS.filter((name) => given(PROVIDER_KEYS[name].variable) !== undefined),
    hasListedAccounts: (["DARKROOM_ACCOUNTS", "DARKROOM_ACCOUNTS_FILE"] as const).some((name) => read.isSet(name)),
    twin,
    twinUrl: twin ? read.url("EACHLABS_BASE_URL", web) : undefined,
    twinClock: twinClock(read, given("DARKROOM_TWIN_CLOCK")),
    demoS3: endpoint === undefined ? undefined : { endpoint },
    logLevel: read.text("DARKROOM_LOG_LEVEL") ?? "info",
    variables,
  };
}

function twinClock(read: EnvironmentReader, text: string | undefined): number {
  const factor = text === undefined ? DEFAULT_TWIN_CLOCK : Number(text);
  if (factor > 0 && Number.isFinite(factor)) return factor;
  read.note("DARKROOM_TWIN_CLOCK must be a number above 0", "DARKROOM_TWIN_CLOCK");
  return DEFAULT_TWIN_CLOCK;
}
