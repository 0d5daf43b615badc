import { DarkroomError } from "@darkroom/core";

interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Location and topology of Redis, parsed from `REDIS_URL`. */
export type RedisAddress = (
  | { readonly kind: "server"; readonly nodes: readonly [RedisNode]; readonly db: number }
  /** `nodes` are the Sentinels, which monitor the master of this name. */
  | {
      readonly kind: "sentinel";
      readonly nodes: readonly RedisNode[];
      readonly masterName: string;
      readonly db: number;
    }
  /** `nodes` are the initial nodes, which know the others. */
  | { readonly kind: "cluster"; readonly nodes: readonly RedisNode[] }
) & { readonly tls: boolean; readonly username?: string; readonly password?: string };

/** The accepted forms of `REDIS_URL`, worded to follow "must be". */
export const REDIS_URL_FORMS =
  "redis://host:port, redis+sentinel://host:port,host:port/masterName or redis+cluster://host:port,host:port " +
  "(rediss:// or rediss+… for TLS; user:password@ before the first host)";

const SCHEME = /^(redis|rediss)(?:\+(sentinel|cluster))?:\/\//i;
const SERVER_PORT = 6_379;
/** https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/ */
const SENTINEL_PORT = 26_379;
/** Characters that Sentinel allows in a master's name (`sentinel.c`). */
const MASTER_NAME = /^[\w.-]+$/;

/**
 * Parses one of {@link REDIS_URL_FORMS}.
 *
 * @throws DarkroomError `invalid_settings`; the message contains nothing from the URL
 */
export function parseRedisUrl(url: string): RedisAddress {
  const [head, scheme = "", kind = "server"] = SCHEME.exec(url) ?? [];
  if (head === undefined) throw wrong(`must be ${REDIS_URL_FORMS}`);
  const [login, places] = splitLogin(url.slice(head.length));
  if (places.includes("?")) throw wrong("must have no query (?…): options have their own variables");
  const [hosts = "", ...path] = places.split("/");
  const common = { tls: scheme.toLowerCase() === "rediss", ...login };
  const nodes = hosts.split(",").map((host) => parseNode(host, kind === "sentinel" ? SENTINEL_PORT : SERVER_PORT));
  const [first, ...others] = nodes;
  if (first === undefined) throw wrong("names no host");
  switch (kind.toLowerCase()) {
    case "cluster":
      if (path.join("") !== "")
        throw wrong("must end after the hosts for a cluster: clusters have no database numbers");
      return { kind: "cluster", nodes, ...common };
    case "sentinel": {
      const [masterName = "", db, ...more] = path;
      if (!MASTER_NAME.test(masterName)) {
        throw wrong("must name the master after the Sentinels: redis+sentinel://host:port,host:port/masterName");
      }
      return { kind: "sentinel", nodes, masterName, db: parseDb(db, more), ...common };
    }
    default:
      if (others.length > 0) {
        throw wrong("names several hosts: use redis+sentinel:// or redis+cluster://");
      }
      return { kind: "server", nodes: [first], db: parseDb(path[0], path.slice(1)), ...common };
  }
}

/** Formats the address for messages: hosts and ports without user and password. */
export function describeAddress({ nodes }: RedisAddress): string {
  return nodes.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(", ");
}

function wrong(what: string): DarkroomError {
  return new DarkroomError("invalid_settings", `REDIS_URL ${what}.`, { field: "REDIS_URL" });
}

function splitLast(text: string, separator: string): [string, string?] {
  const place = text.lastIndexOf(separator);
  return place < 0 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}

/** A password may contain an unescaped @, so the last @ ends the password. */
function splitLogin(rest: string): [{ username?: string; password?: string }, string] {
  const [login, places] = splitLast(rest, "@");
  if (places === undefined) return [{}, login];
  const colon = login.indexOf(":");
  const username = decode(colon < 0 ? login : login.slice(0, colon));
  const password = colon < 0 ? "" : decode(login.slice(colon + 1));
  return [{ ...(username === "" ? {} : { username }), ...(password === "" ? {} : { password }) }, places];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong("has a % in its user or password that is not a %-escape: write it as %25");
  }
}

function parseNode(text: string, defaultPort: number): RedisNode {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+))(?::(\d+))?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw wrong("must name each host as host:port, [IPv6]:port or host, separated by commas");
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port < 1 || port > 65_535) throw wrong("has a port outside 1 to 65535");
  return { host, port };
}

function parseDb(text: string | undefined, more: readonly string[]): number {
  if (more.join("") !== "" || !/^\d*$/.test(text ?? ""))
    throw wrong("must end with the database's number, or without one");
  return Number(text ?? 0);
}
