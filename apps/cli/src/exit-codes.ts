import { isDarkroomError, type ErrorCode } from "@darkroom/core/errors";

/** Exit codes and their meanings. A test compares them with `docs/cli.md`. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  completedWithFailures: 3,
  notCompleted: 4,
  unreachable: 5,
  waitsForPerson: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with a message and an exit code. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Thrown after Ctrl-C or a stop signal. */
export class Interrupted extends CommandError {
  constructor(message = "Interrupted.") {
    super(EXIT.interrupted, message);
  }
}

const UNREACHABLE: readonly ErrorCode[] = [
  "overloaded",
  "redis_unavailable",
  "redis_unsuitable",
  "storage_unavailable",
  "remote_unavailable",
];
const UNEXPECTED: readonly ErrorCode[] = ["internal", "tool_missing"];

/** The user can correct all other refusals. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (!isDarkroomError(error) || UNEXPECTED.includes(error.code)) return EXIT.unexpected;
  return UNREACHABLE.includes(error.code) ? EXIT.unreachable : EXIT.usage;
}
