import { pino, type DestinationStream, type Logger, type LoggerOptions as PinoOptions } from "pino";
import { messageOf } from "@darkroom/core";
import { cleanLine, withoutSecrets } from "./secrets.ts";

export type { Logger };

export interface LoggerOptions {
  readonly level: string;
  /** The app's name. */
  readonly name: string;
  /** Defaults to standard output. */
  readonly destination?: DestinationStream;
}

/** Maximum length of an error message in the log. */
const MAX_ERROR_CHARS = 500;

/**
 * Returns the logged part of an error: no stack, and none of the fields that libraries add (ioredis adds whole Lua
 * scripts).
 */
function describe(error: Error): object {
  return {
    type: error.name,
    message: withoutSecrets(messageOf(error)).slice(0, MAX_ERROR_CHARS),
    ...("code" in error ? { code: String(error.code) } : {}),
  };
}

/** Replaces every error in the value by its description, and bytes, such as pictures, by their number. */
function tidy(value: unknown, above: readonly object[] = []): unknown {
  if (value instanceof Error) return describe(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (typeof value !== "object" || value === null) return value;
  if (above.includes(value)) return "[circular]";
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => tidy(item, path));
  const prototype: unknown = Object.getPrototypeOf(value);
  // Dates and URLs define their own JSON, and requests have a separate serializer.
  if (prototype !== Object.prototype && prototype !== null) return value;
  return tidyFields(value, path);
}

function tidyFields(fields: object, above: readonly object[] = []): Record<string, unknown> {
  const isTidy = Object.values(fields).every((value) => typeof value !== "object" || value === null);
  if (isTidy) return fields as Record<string, unknown>;
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, tidy(value, above)]));
}

/** Creates a JSON line logger that writes no key, no signed URL and no stack with Lua (P8). */
export function createLogger({ level, name, destination }: LoggerOptions): Logger {
  const options: PinoOptions = {
    level,
    base: { name, pid: process.pid },
    // Handles errors in a child logger's bindings. Errors in fields are already described.
    serializers: { err: (error: unknown) => (error instanceof Error ? describe(error) : error) },
    formatters: { log: tidyFields },
    // Removes secrets from the finished line, which contains messages, fields, bindings and the serializers' output.
    hooks: {
      streamWrite: cleanLine,
      logMethod(args, method) {
        const [first, ...placed] = args;
        method.apply(this, [first, ...placed.map((value) => tidy(value))] as typeof args);
      },
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
