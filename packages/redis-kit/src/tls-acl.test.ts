import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, startRedis, tempFolder } from "@darkroom/testkit";
import { expect, test } from "vitest";
import { awaitRedis, closeRedis, connectRedis, type RedisAccess, type RedisConnection } from "./connect.ts";
import { defineScript } from "./script.ts";
import { checkRedis } from "./suitability.ts";

const run = promisify(execFile);
const USER = "darkroom";
const PASSWORD = "p@ss:w/rd?";
/** All commands except the dangerous ones, on keys of this namespace, as documented in docs/operations.md. */
const RULES = ["~studio*", "~{studio*", "&studio*", "+@all", "-@dangerous", "+info", "+config|get"];

/** Creates a private certificate authority, and a certificate that it signed for 127.0.0.1. */
async function makeCertificates(dir: string): Promise<{ readonly ca: string; readonly settings: readonly string[] }> {
  const at = (name: string): string => join(dir, name);
  const openssl = async (words: string): Promise<void> => void (await run("openssl", words.split(" "), { cwd: dir }));
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
  await writeFile(at("names"), "subjectAltName=IP:127.0.0.1\n");
  await openssl(`req -x509 ${key} -keyout ca.key -out ca.pem -subj /CN=Studio -days 2`);
  await openssl(`req ${key} -keyout server.key -out server.csr -subj /CN=redis`);
  const signed = "-CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -days 2";
  await openssl(`x509 -req -in server.csr -out server.pem ${signed}`);
  return {
    ca: await readFile(at("ca.pem"), "utf8"),
    settings: [
      "--tls-cert-file",
      at("server.pem"),
      "--tls-key-file",
      at("server.key"),
      "--tls-ca-cert-file",
      at("ca.pem"),
      "--tls-auth-clients",
      "no",
    ],
  };
}

test("connects with TLS from a private authority, a user and a password", { timeout: 60_000 }, async () => {
  await using folder = await tempFolder();
  const { ca, settings } = await makeCertificates(folder.path);
  const tlsPort = await freePort();
  await using server = await startRedis({
    settings: [...settings, "--tls-port", String(tlsPort), "--user", USER, "on", `>${PASSWORD}`, ...RULES],
  });
  const open: RedisConnection[] = [];
  const connect = (url: string, access: RedisAccess = {}): RedisConnection => {
    const redis = connectRedis({ url, access, name: "tls-test", onError: () => undefined });
    open.push(redis);
    return redis;
  };
  const login = `${USER}:${encodeURIComponent(PASSWORD)}`;
  try {
    const redis = connect(`rediss://${login}@127.0.0.1:${tlsPort}`, { ca });
    await awaitRedis(redis, 10_000);
    expect(await checkRedis(redis)).toEqual([]);
    expect(await redis.call("ACL", "WHOAMI")).toBe(USER);
    const write = defineScript("return redis.call('SET', KEYS[1], ARGV[1])");
    expect(await write.run(redis, ["studio:{b}:meta"], ["1"])).toBe("OK");
    await expect(write.run(redis, ["elsewhere"], ["1"])).rejects.toThrow(/NOPERM|can't access/);

    const stranger = connect(`rediss://${login}@127.0.0.1:${tlsPort}`);
    await expect(awaitRedis(stranger, 500)).rejects.toThrow(/certificate.*REDIS_URL/);
    const nobody = connect(`rediss://${USER}:wrong@127.0.0.1:${tlsPort}`, { ca });
    await expect(awaitRedis(nobody, 500)).rejects.toThrow(/WRONGPASS/);
    const plain = connect(`redis://127.0.0.1:${tlsPort}`);
    await expect(awaitRedis(plain, 500)).rejects.toMatchObject({ code: "redis_unavailable" });
    expect(server.pid).toBeGreaterThan(0);
  } finally {
    await Promise.all(open.map(closeRedis));
  }
});
