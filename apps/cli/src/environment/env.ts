import { resolve } from "node:path";
import { EnvironmentReader, settingProblems, type Environment } from "@darkroom/config";
import { messageOf, PROVIDERS, type ProviderName } from "@darkroom/core";
import { PROVIDER_KEYS } from "../options/provider-choice.ts";

/** What the command itself takes from its surroundings. */
export interface CliEnv {
  /** Absolute. */
  readonly cwd: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly apiUrl: string | undefined;
  readonly apiKey: string | undefined;
  /** A Redis that the person named; without one the command brings its own. */
  readonly redisUrl: string | undefined;
  readonly publicUrl: string | undefined;
  /** The providers of which there is a key. */
  readonly providerKeys: readonly ProviderName[];
  /** Whether `DARKROOM_ACCOUNTS` or its file lists further accounts. */
  readonly hasListedAccounts: boolean;
  /** The twin is wished for all that this command does. */
  readonly twin: boolean;
  /** A twin that runs already. */
  readonly twinUrl: string | undefined;
  /** How many times faster than the wall clock our own twin is. */
  readonly twinClock: number;
  /** An S3 server that the demo may use. */
  readonly demoS3: { readonly endpoint: string } | undefined;
  readonly logLevel: string;
  /** What is wrong with the settings; only where a command runs in spite of it. */
  readonly wrongSettings?: string;
  /** All variables, for the settings of the apps that run in this process. */
  readonly variables: Environment;
}

/** The twin answers in half a second to two where the provider takes 5 to 20. */
const DEFAULT_TWIN_CLOCK = 10;

/**
 * Reads the environment once.
 *
 * @throws DarkroomError `invalid_settings`, with every problem, also of settings that only the engine reads
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

/** Reads the environment without the variables that are wrong, and says what is wrong with them. */
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

/** The settings without a twin that the command would bring itself. */
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
