import { DarkroomClient } from "../api/client.ts";
import type { CliEnv } from "../environment/env.ts";
import type { CommandError } from "../exit-codes.ts";
import { isLoopbackUrl } from "./loopback.ts";
import type { LocalProcess } from "./local-process.ts";
import type { PlaceRules } from "../options/places.ts";
import type { ProviderChoice } from "../options/provider-choice.ts";
import { findRunningStack, isStackAlive } from "./stack-file.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** The API that a command uses: one given by URL, the API of a running local stack, or one that the command starts. */
export interface Session {
  readonly client: DarkroomClient;
  readonly kind: "named" | "stack" | "own";
  /** All processes of this command. Only for kind `own`. */
  readonly local: LocalProcess | undefined;
  /** Returns which sources and destinations this API and its processes can reach. */
  placeRules(): Promise<PlaceRules>;
  /** True once the process that serves the API has ended or has begun to stop. Only for kind `stack`. */
  readonly isOver?: () => Promise<boolean>;
  close(): Promise<void>;
}

const STACK_AWAY_ADVICE =
  "The stack of this folder has stopped. Start it again with: darkroom start. Or repeat this command, which then does the work itself.";
const OWN_AWAY_ADVICE = "The API of this command has stopped. Repeat the command.";

export interface SessionOptions {
  readonly env: CliEnv;
  readonly terminal: Terminal;
  /** Called only when this process must do the work itself. Throws when no provider is available. */
  readonly provider?: (() => ProviderChoice) | undefined;
  /** Defaults to true. If false, this process uses a private Redis that leaves no data in the data folder. */
  readonly persistent?: boolean;
  /** Called when this process cannot continue its work. */
  readonly onLost: (error: CommandError) => void;
}

/** Opens the API for the command. Starts one if none is running. */
export async function openSession(options: SessionOptions): Promise<Session> {
  return (await findSharedSession(options.env)) ?? (await openOwn(options));
}

/** Opens the named API, or that of a running stack. Undefined if neither exists. */
export async function findSharedSession(env: CliEnv): Promise<Session | undefined> {
  const { apiUrl, apiKey, cwd, dataDir } = env;
  if (apiUrl !== undefined) {
    const client = new DarkroomClient(apiUrl, apiKey);
    const placeRules = async (): Promise<PlaceRules> => ({
      cwd,
      seesLocalFiles: isLoopbackUrl(apiUrl),
      uploads: true,
    });
    return { client, kind: "named", local: undefined, placeRules, close: () => client.close() };
  }
  const stack = await findRunningStack(dataDir);
  if (stack !== undefined) {
    const client = new DarkroomClient(stack.apiUrl, apiKey, { awayAdvice: STACK_AWAY_ADVICE });
    const placeRules = async (): Promise<PlaceRules> => ({
      cwd,
      seesLocalFiles: true,
      uploads: false,
    });
    const isOver = async (): Promise<boolean> => !(await isStackAlive(dataDir, stack));
    return { client, kind: "stack", local: undefined, placeRules, isOver, close: () => client.close() };
  }
  return undefined;
}

async function openOwn({ env, terminal, provider, persistent = true, onLost }: SessionOptions): Promise<Session> {
  const { startLocalProcess } = await import("./local-process.ts");
  const listen = publicListener(env);
  const local = await startLocalProcess(env, {
    provider: provider?.(),
    persistent,
    onLost,
    log: (line) => terminal.note(line),
    ...(listen === undefined ? {} : { listen }),
  });
  const client = new DarkroomClient(local.apiUrl, local.apiKey, { folder: env.dataDir, awayAdvice: OWN_AWAY_ADVICE });
  const placeRules = async (): Promise<PlaceRules> => ({
    cwd: env.cwd,
    seesLocalFiles: true,
    uploads: false,
  });
  const close = async (): Promise<void> => {
    await client.close();
    await local.close();
  };
  return { client, kind: "own", local, placeRules, close };
}

/** With a public address, the API listens on the configured host and port, to which that address must lead. */
function publicListener(env: CliEnv): { readonly host: string; readonly port: number } | undefined {
  if (env.publicUrl === undefined) return undefined;
  const { DARKROOM_HOST: host, DARKROOM_PORT: port } = env.variables;
  return { host: host || "127.0.0.1", port: Number(port || 8080) };
}
