import { once } from "node:events";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import type { Environment } from "@darkroom/config";
import { isPortTaken } from "@darkroom/core";
import { DarkroomClient } from "../api/client.ts";
import type { CliEnv } from "../environment/env.ts";
import { Interrupted } from "../exit-codes.ts";
import type { LocalProcess } from "../local-stack/local-process.ts";
import { availableProvider, type ProviderChoice } from "../options/provider-choice.ts";
import { PROVIDER_KEYS } from "../environment/provider-keys.ts";
import { isLoopbackHost } from "../local-stack/loopback.ts";
import { runAction, type Invocation, type Surroundings } from "../run-command.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { tellHealth } from "../local-stack/stack-health.ts";
import { tellLacking } from "../local-stack/tell-lacking.ts";
import {
  claimStack,
  faultOf,
  releaseStack,
  removeStackFile,
  writeStackFile,
  type RunningStack,
} from "../local-stack/stack-file.ts";

const DEFAULT_PORT = 8080;
/** Number of newest batches whose waits the terminal reports. */
const LISTED = 50;

/** `darkroom start`. */
export function addStartCommand(program: Command, surroundings: Surroundings): void {
  const start = program
    .command("start")
    .description("Runs Redis, the API, a producer and a worker on this machine until Ctrl-C.")
    .option("--twin", "also run the simulator, which replaces the provider: costs nothing")
    .option("--sample", "like --twin, and submit sample batches in several states, for a look at the web page")
    .addHelpText("after", START_HELP)
    .action(async ({ twin = false, sample = false }: { twin?: boolean; sample?: boolean }) => {
      await runAction(surroundings, start, (invocation) => runStack(invocation, twin || sample, sample));
    });
}

async function runStack(invocation: Invocation, twin: boolean, sample: boolean): Promise<void> {
  const { env } = invocation;
  await claimStack(env.dataDir);
  try {
    await runClaimed(invocation, availableProvider(env, twin), sample);
  } finally {
    await releaseStack(env.dataDir);
  }
}

async function runClaimed(
  invocation: Invocation,
  provider: ProviderChoice | undefined,
  sample: boolean,
): Promise<void> {
  const { env, terminal, signal } = invocation;
  const local = await startOnWishedPort(invocation, provider);
  try {
    signal.throwIfAborted();
    if (provider !== undefined) await local.startWork(provider, { batches: "all" });
    const stack = {
      apiUrl: local.apiUrl,
      pid: process.pid,
      provider: provider ?? "none",
      localRoots: localRoots(env),
      hasPublicUrl: env.publicUrl !== undefined,
    } as const;
    await writeStackFile(env.dataDir, stack);
    if (terminal.json) terminal.data({ ...stack, docsUrl: `${local.apiUrl}/docs`, logs: local.logFolder });
    else terminal.say(startedText(local, stack, env));
    const stopTelling = tellHealth(
      () => faultOf(local.apiUrl),
      (text) => terminal.note(text),
    );
    const client = new DarkroomClient(local.apiUrl, env.apiKey);
    if (sample) await addSamples(client, terminal);
    const stopLacking = tellLacking(
      async () => (await client.list(LISTED)).batches,
      (text) => terminal.note(text),
    );
    if (!signal.aborted) await once(signal, "abort");
    stopTelling();
    stopLacking();
    if (!(signal.reason instanceof Interrupted)) throw signal.reason;
    terminal.note(
      "Stopping: portraits in flight get a moment to finish, the others are kept for later. Press Ctrl-C again to stop at once.",
    );
  } catch (error) {
    if (!(signal.reason instanceof Interrupted)) throw error;
  } finally {
    // Commands that start from now on must not wait for a stack that is shutting down.
    await removeStackFile(env.dataDir);
    await local.close();
  }
  terminal.note("Stopped; nothing is lost.");
}

/** Submits the samples unless this folder has batches already. */
async function addSamples(client: DarkroomClient, terminal: Terminal): Promise<void> {
  if ((await client.list(1)).batches.length > 0) return;
  await client.createSamples();
  terminal.note("Sample batches are on the page. They are simulated, and nothing is paid.");
}

/**
 * If other machines can reach the API, local folders must be allowed explicitly. Otherwise programs on this machine may
 * use all of the user's folders.
 */
function localRoots(env: CliEnv): string {
  const named = env.variables["DARKROOM_LOCAL_ROOTS"]?.trim() ?? "";
  return named === "" && isLoopbackHost(hostOf(env)) ? "any" : named;
}

/** Photos that are dropped on the page go to the data folder, if all folders are allowed. */
function uploadsOf(env: CliEnv): Environment {
  if (env.variables["DARKROOM_UPLOADS"] || localRoots(env) !== "any") return {};
  return { DARKROOM_UPLOADS: pathToFileURL(`${join(env.dataDir, "uploads")}/`).href };
}

function hostOf({ variables }: Pick<CliEnv, "variables">): string {
  return variables["DARKROOM_HOST"] || "127.0.0.1";
}

function foldersText(roots: string): string {
  if (roots === "any") return "any of this machine (DARKROOM_LOCAL_ROOTS restricts them)";
  return roots === "" ? "none of this machine: list those that it may use in DARKROOM_LOCAL_ROOTS" : roots;
}

/** Starts on the given port. Without one, uses the default port, or a free one if the default is in use. */
async function startOnWishedPort(
  { env, terminal, fail }: Invocation,
  provider: ProviderChoice | undefined,
): Promise<LocalProcess> {
  const { startLocalProcess } = await import("../local-stack/local-process.ts");
  const log = (line: string): void => terminal.note(line);
  const { DARKROOM_PORT: port } = env.variables;
  const start = (wished: number): Promise<LocalProcess> =>
    startLocalProcess(env, {
      provider,
      log,
      onLost: fail,
      listen: { host: hostOf(env), port: wished },
      apiKey: env.apiKey ?? null,
      variables: { DARKROOM_LOCAL_ROOTS: localRoots(env), ...uploadsOf(env) },
    });
  if (port !== undefined && port !== "") return await start(Number(port));
  try {
    return await start(DEFAULT_PORT);
  } catch (error) {
    if (!isPortTaken(error) || env.publicUrl !== undefined) throw error;
    log(`Port ${DEFAULT_PORT} is in use; using another one.`);
    return await start(0);
  }
}

const EXAMPLE = "darkroom enhance ./photos ./enhanced --preset professional-polish --mode eco";

function startedText(
  local: LocalProcess,
  { provider, localRoots }: Pick<RunningStack, "provider" | "localRoots">,
  { providerKeys: keys, ...env }: CliEnv,
): string {
  const host = hostOf(env);
  const who = {
    twin: "the twin, a simulator: nothing is paid, and the pictures are simulated",
    key: keys.map((name) => `${PROVIDER_KEYS[name].title}, with your ${PROVIDER_KEYS[name].variable}`).join("; "),
    none: "none configured: batches are refused. Start again with EACHLABS_API_KEY or PHOTA_API_KEY set, or with --twin (npm start -- --twin)",
  }[provider];
  return [
    "Darkroom runs.",
    `  API       ${local.apiUrl}`,
    ...reachableText(host, local.apiUrl),
    `  page      ${local.apiUrl}/`,
    `  docs      ${local.apiUrl}/docs`,
    `  provider  ${who}`,
    `  folders   ${foldersText(localRoots)}`,
    `  Redis     ${local.redisHow}`,
    `  logs      ${local.logFolder}`,
    ...(provider === "none" ? [] : ["From another terminal, in this folder:", `  ${EXAMPLE}`]),
    "Stop with Ctrl-C.",
  ].join("\n");
}

/** Returns the addresses at which other machines reach the API, if any. */
function reachableText(host: string, apiUrl: string): readonly string[] {
  if (isLoopbackHost(host)) return [];
  const { port } = new URL(apiUrl);
  const isEvery = host === "0.0.0.0" || host === "::";
  const own = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
  const named = isEvery ? [...new Set([hostname(), ...own])] : [host];
  return [`  others    ${named.map((name) => `http://${bracketed(name)}:${port}`).join(" or ")}, from other machines`];
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

const START_HELP = `
Example:
  $ darkroom start --twin

It listens at DARKROOM_PORT (8080), and uses any folder of this machine; DARKROOM_LOCAL_ROOTS bounds them, and names
those of a stack that other machines reach (DARKROOM_HOST). Commands that run in the same folder find it by themselves.
With --json: one object with \`apiUrl\`, \`docsUrl\`, \`pid\`, \`provider\` and \`logs\`, once it runs.

Exit codes: 0 stopped · 2 it runs already, or a setting is wrong · 5 no Redis · 1 anything else`;
