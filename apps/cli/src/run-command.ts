import process from "node:process";
import { isatty } from "node:tty";
import type { Command } from "commander";
import { misspeltVariables, unknownVariables } from "@darkroom/config";
import { readEnv, type CliEnv } from "./environment/env.ts";
import { withSettingsFiles } from "./environment/settings-file.ts";
import { EXIT, type CommandError, type ExitCode } from "./exit-codes.ts";
import { listenForInterrupts } from "./terminal/interrupts.ts";
import { openReading, type Reading } from "./local-stack/reading.ts";
import { openSession, type Session, type SessionOptions } from "./local-stack/session.ts";
import type { ProviderChoice } from "./options/provider-choice.ts";
import { Terminal, type Streams } from "./terminal/terminal.ts";

/** A command that cannot continue exits within this time, even if an operation is still pending. */
const END_WITHIN_MS = 15_000;
/** Time for the remaining messages to be written. */
const LINGER_MS = 500;

/**
 * Commands that only print something and are often repeated. These commands do not list the settings that come from
 * files.
 */
const ONLY_SHOW: ReadonlySet<string> = new Set([
  "status",
  "list",
  "events",
  "portraits",
  "questions",
  "report",
  "costs",
  "lanes",
  "show",
  "deliveries",
]);

/** The surroundings of every command. */
export interface Invocation {
  readonly env: CliEnv;
  readonly terminal: Terminal;
  /** Aborted at the first Ctrl-C. A second Ctrl-C ends the process. */
  readonly signal: AbortSignal;
  /** Aborts the signal because the command cannot continue. */
  readonly fail: (error: CommandError) => void;
}

/** The process's inputs and outputs for one run of the program. */
export interface Surroundings {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly streams: Streams;
  /** Called with the command's exit code. */
  readonly exit: (code: ExitCode) => void;
}

/**
 * Runs a command's action with its surroundings, and reports its exit code.
 *
 * @param read reads the environment; defaults to {@link readEnv}, which rejects invalid settings
 */
export async function runAction(
  surroundings: Surroundings,
  command: Command,
  action: (invocation: Invocation) => Promise<ExitCode | void>,
  read: typeof readEnv = readEnv,
): Promise<void> {
  const { variables, added, faults } = withSettingsFiles(surroundings.variables, surroundings.cwd);
  const misspelt = misspeltVariables([...added.values()].flat());
  const env = read(variables, surroundings.cwd);
  const terminal = new Terminal(surroundings.streams, command.optsWithGlobals<{ json?: boolean }>().json === true);
  for (const [file, names] of added) {
    const taken = names.filter((name) => !misspelt.has(name));
    if (taken.length > 0 && !ONLY_SHOW.has(command.name())) terminal.note(`Settings from ${file}: ${taken.join(", ")}`);
  }
  for (const sentence of [...faults, ...misspelt.values(), ...unknownVariables(variables)]) terminal.note(sentence);
  const interrupts = listenForInterrupts(process, () => {
    terminal.restore();
    process.exit(EXIT.interrupted);
  });
  if (hasTerminal()) process.once("SIGHUP", endAsHungUp);
  let lost: { readonly error: CommandError; readonly late: NodeJS.Timeout } | undefined;
  const fail = (error: CommandError): void => {
    interrupts.fail(error);
    const late = setTimeout(() => {
      terminal.note(`darkroom: ${error.message}`);
      process.exit(error.exitCode);
    }, END_WITHIN_MS);
    lost = { error, late };
  };
  try {
    surroundings.exit((await action({ env, terminal, signal: interrupts.signal, fail })) ?? EXIT.ok);
  } finally {
    interrupts.stop();
    process.off("SIGHUP", endAsHungUp);
    if (lost !== undefined) endSoon(lost);
  }
}

/** Evaluated at the start, because the terminal may disappear later. */
function hasTerminal(): boolean {
  return [0, 1, 2].some((fd) => isatty(fd));
}

/** Ends the process by the signal itself, because Node aborts at a normal exit if its terminal is gone. */
function endAsHungUp(): void {
  process.once("exit", () => {
    process.removeAllListeners("SIGHUP");
    process.kill(process.pid, "SIGHUP");
  });
}

/**
 * The exit is forced: waiting for a Redis that is gone would keep the process alive, and the reason is already printed.
 */
function endSoon({ error, late }: { readonly error: CommandError; readonly late: NodeJS.Timeout }): void {
  clearTimeout(late);
  setTimeout(() => process.exit(error.exitCode), LINGER_MS).unref();
}

/** Opens a session for the duration of `action`. */
export async function withSession<T>(
  { env, terminal, signal, fail }: Invocation,
  provider: (() => ProviderChoice) | undefined,
  action: (session: Session) => Promise<T>,
  options: Pick<SessionOptions, "persistent"> = {},
): Promise<T> {
  const session = await openSession({ env, terminal, provider, onLost: fail, ...options });
  try {
    signal.throwIfAborted();
    return await action(session);
  } finally {
    await session.close();
  }
}

/** Opens what a command that only shows batches reads them from, for the duration of `action`. */
export async function withReading<T>(
  { env, terminal, signal }: Invocation,
  action: (reading: Reading) => Promise<T>,
): Promise<T> {
  const reading = await openReading(env, terminal);
  try {
    signal.throwIfAborted();
    return await action(reading);
  } finally {
    await reading.close();
  }
}
