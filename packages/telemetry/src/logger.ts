import { pino, type DestinationStream, type Logger } from "pino";
import { messageOf } from "@darkroom/core";

export type { Logger };

export interface LoggerOptions {
  readonly level: string;
  /** The app's name. */
  readonly name: string;
  /** Defaults to standard output. */
  readonly destination?: DestinationStream;
}

const SECRET_FIELDS = [
  "apiKey",
  "authorization",
  "password",
  "secret",
  "secretAccessKey",
  "token",
  "sessionToken",
  "cookie",
];
/** A URL's query is where signatures live, and its user part where passwords do. */
const URL_SECRETS = /(\b[a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@"']*@)?([^\s?#"']+)\?[^\s"']*/gi;
const URL_USER = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;
const FILE_TOKEN = /(\/files\/)[^\s/"']+/g;

/** Text that may be logged: no signed query, no user part, no link token. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(URL_SECRETS, "$1$2?…").replaceAll(URL_USER, "$1…@").replaceAll(FILE_TOKEN, "$1…");
}

/** A JSON line logger that lets no key, signed URL or stack full of Lua out (P8). */
export function createLogger({ level, name, destination }: LoggerOptions): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `headers.${field}`, `*.headers["x-api-key"]`]);
  const options = {
    level,
    name,
    base: { name, pid: process.pid },
    redact: { paths: [...new Set(paths)], censor: "…" },
    serializers: {
      err: (error: unknown) => ({
        type: error instanceof Error ? error.name : typeof error,
        message: withoutSecrets(messageOf(error)).slice(0, 500),
        ...(error instanceof Error && "code" in error ? { code: String(error.code) } : {}),
      }),
    },
    hooks: {
      logMethod(this: Logger, args: unknown[], method: (...args: unknown[]) => void) {
        method.apply(
          this,
          args.map((arg) => (typeof arg === "string" ? withoutSecrets(arg) : arg)),
        );
      },
    },
    formatters: {
      log: (fields: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries(fields).map(([key, value]) => [
            key,
            typeof value === "string" ? withoutSecrets(value) : value,
          ]),
        ),
    },
  } as const;
  return destination === undefined ? pino(options as never) : pino(options as never, destination);
}
