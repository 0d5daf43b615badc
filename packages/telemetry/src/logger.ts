import { pino, type DestinationStream, type Logger, type LoggerOptions as PinoOptions } from "pino";
import { messageOf } from "@darkroom/core";
import { cleanJson, withoutSecrets } from "./secrets.ts";

export type { Logger };

export interface LoggerOptions {
  readonly level: string;
  /** The app's name. */
  readonly name: string;
  /** Defaults to standard output. */
  readonly destination?: DestinationStream;
}

/** The longest message of an error that is logged. */
const MAX_ERROR_CHARS = 500;

/** What is logged of an error: no stack, and none of the fields that libraries add (ioredis: whole Lua scripts). */
function describe(error: Error): object {
  return {
    type: error.name,
    message: withoutSecrets(messageOf(error)).slice(0, MAX_ERROR_CHARS),
    ...("code" in error ? { code: String(error.code) } : {}),
  };
}

function describeErrors(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? describe(value) : value]),
  );
}

/** A JSON line logger that lets no key, signed URL or stack full of Lua out (P8). */
export function createLogger({ level, name, destination }: LoggerOptions): Logger {
  const options: PinoOptions = {
    level,
    base: { name, pid: process.pid },
    // An error that is a binding of a child logger comes here; one that is a field was described already.
    serializers: { err: (error: unknown) => (error instanceof Error ? describe(error) : error) },
    formatters: { log: describeErrors },
    // The finished line is what counts: messages, fields, bindings and what serializers made of them.
    hooks: { streamWrite: (line) => `${JSON.stringify(cleanJson(JSON.parse(line)))}\n` },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
