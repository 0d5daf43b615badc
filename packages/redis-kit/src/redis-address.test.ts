import { isDarkroomError } from "@darkroom/core";
import { expect, test } from "vitest";
import { describeAddress, parseRedisUrl, type RedisAddress } from "./redis-address.ts";

const PASSWORD = "hunter2";

function problem(url: string): string {
  try {
    parseRedisUrl(url);
  } catch (error) {
    if (isDarkroomError(error, "invalid_settings")) return error.message;
    throw error;
  }
  throw new Error(`${url} was accepted`);
}

test.each<[string, RedisAddress]>([
  ["redis://cache", { kind: "server", nodes: [{ host: "cache", port: 6379 }], db: 0, tls: false }],
  ["REDIS://127.0.0.1:7000/", { kind: "server", nodes: [{ host: "127.0.0.1", port: 7000 }], db: 0, tls: false }],
  [
    "rediss://user:p%40ss@[::1]:6380/3",
    { kind: "server", nodes: [{ host: "::1", port: 6380 }], db: 3, tls: true, username: "user", password: "p@ss" },
  ],
  [
    "redis://:a@b/c?d@cache",
    { kind: "server", nodes: [{ host: "cache", port: 6379 }], db: 0, tls: false, password: "a@b/c?d" },
  ],
  [
    "redis+sentinel://s1,s2:5000/main",
    {
      kind: "sentinel",
      nodes: [
        { host: "s1", port: 26379 },
        { host: "s2", port: 5000 },
      ],
      masterName: "main",
      db: 0,
      tls: false,
    },
  ],
  [
    "rediss+sentinel://user:secret@s1/my-main.eu/2",
    {
      kind: "sentinel",
      nodes: [{ host: "s1", port: 26379 }],
      masterName: "my-main.eu",
      db: 2,
      tls: true,
      username: "user",
      password: "secret",
    },
  ],
  [
    "rediss+cluster://:secret@n1:7000,[fe80::1],n3/",
    {
      kind: "cluster",
      nodes: [
        { host: "n1", port: 7000 },
        { host: "fe80::1", port: 6379 },
        { host: "n3", port: 6379 },
      ],
      tls: true,
      password: "secret",
    },
  ],
])("parses %s", (url, address) => {
  expect(parseRedisUrl(url)).toEqual(address);
});

test.each([
  ["http://cache", "must be redis://host:port"],
  ["cache:6379", "must be redis://host:port"],
  ["redis+proxy://cache", "must be redis://host:port"],
  ["redis://", "must name each host"],
  ["redis://a b", "must name each host"],
  ["redis://cache:x", "must name each host"],
  ["redis://cache:0", "has a port outside 1 to 65535"],
  ["redis://cache:65536", "has a port outside 1 to 65535"],
  ["redis://a,b", "names several hosts"],
  ["redis://cache/main", "must end with the database's number"],
  ["redis://cache/1/2", "must end with the database's number"],
  ["redis://cache?db=2", "must have no query"],
  [`redis://:100%@cache`, "write it as %25"],
  ["redis+sentinel://s1,s2", "must name the master"],
  ["redis+sentinel://s1,,s2/main", "must name each host"],
  ["redis+sentinel://s1/my main", "must name the master"],
  ["redis+sentinel://s1/main/x", "must end with the database's number"],
  ["redis+cluster://n1/2", "must end after the hosts"],
])("rejects %s", (url, why) => {
  const message = problem(url.replace("://", `://${PASSWORD}:${PASSWORD}@`).replace(`@:100%`, ":100%"));
  expect(message).toMatch(/^REDIS_URL /);
  expect(message).toContain(why);
  expect(message).not.toContain(PASSWORD);
});

test("the displayed address contains no password", () => {
  expect(describeAddress(parseRedisUrl(`redis+cluster://u:${PASSWORD}@n1,[::1]:7`))).toBe("n1:6379, [::1]:7");
});
