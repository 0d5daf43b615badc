import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DarkroomError } from "@darkroom/core";
import type { RedisBinary } from "./redis-binary.ts";
import { redisCall } from "./redis-call.ts";
import { REDIS_SETTINGS, startRedisServer, type RedisServer } from "./redis-server.ts";
import { waitUntil } from "./wait-until.ts";

/** A Redis cluster on this machine. */
export interface RedisCluster {
  /** `redis+cluster://…` with every node. */
  readonly url: string;
  readonly masters: readonly RedisServer[];
  /** One replica per master, in the same order; empty without replicas. */
  readonly replicas: readonly RedisServer[];
  close(): Promise<void>;
}

export interface RedisClusterOptions {
  readonly binary: RedisBinary;
  /** Folder with a subfolder per node. Created if missing. */
  readonly dir: string;
  /** Defaults to 3, the minimum for a cluster's vote. */
  readonly masters?: number;
  /** Gives each master a replica that takes over when it dies. Defaults to false. */
  readonly replicas?: boolean;
  /** Silence after which the other nodes consider a node dead. Defaults to 2 s. */
  readonly nodeTimeoutMs?: number;
  readonly settings?: readonly string[];
}

const SLOTS = 16_384;
/**
 * A node's second port is its first plus 10,000. This limit keeps both below the ports that the system assigns, so that
 * no other program uses them (https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/).
 */
const PORT_BELOW = 22_700;
const FORM_WITHIN_MS = 30_000;

/**
 * Starts a cluster of real nodes, which die with this process.
 *
 * @throws DarkroomError `redis_unavailable` when a node does not start or the nodes do not find each other
 */
export async function startRedisCluster(options: RedisClusterOptions): Promise<RedisCluster> {
  const { binary, dir, masters: count = 3, nodeTimeoutMs = 2_000, settings = [] } = options;
  const started = await Promise.allSettled(
    Array.from({ length: options.replicas === true ? 2 * count : count }, async (_, index) => {
      const home = join(dir, `node-${index}`);
      await mkdir(home, { recursive: true });
      const timeout = ["--cluster-node-timeout", String(nodeTimeoutMs)];
      return await startRedisServer({
        binary,
        dir: home,
        diesWithUs: true,
        portBelow: PORT_BELOW,
        settings: [...REDIS_SETTINGS, "--cluster-enabled", "yes", ...timeout, ...settings],
      });
    }),
  );
  const nodes = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const close = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.close())));
  try {
    for (const each of started) if (each.status === "rejected") throw each.reason;
    const masters = nodes.slice(0, count);
    const replicas = nodes.slice(count);
    await form(masters, replicas);
    const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`).join(",");
    return { url: `redis+cluster://${hosts}`, masters, replicas, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Does the same as `redis-cli --cluster create`, which may not be installed. */
async function form(masters: readonly RedisServer[], replicas: readonly RedisServer[]): Promise<void> {
  const share = Math.ceil(SLOTS / masters.length);
  await Promise.all(
    masters.map(async ({ port }, index) => {
      const first = index * share;
      const slots = Array.from({ length: Math.min(share, SLOTS - first) }, (_, slot) => first + slot);
      // Each node gets its own epoch. Otherwise the first failover would have to resolve the conflict.
      await must(port, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`);
      await must(port, `CLUSTER ADDSLOTS ${slots.join(" ")}`);
    }),
  );
  const nodes = [...masters, ...replicas];
  const [first, ...others] = nodes;
  if (first === undefined) return;
  for (const { port } of others) await must(first.port, `CLUSTER MEET 127.0.0.1 ${port}`);
  await every(nodes, async ({ port }) => {
    const answer = await redisCall(port, "CLUSTER INFO", /cluster_known_nodes:\d+\r\n/, 1_000);
    return answer !== undefined && answer.includes(`cluster_known_nodes:${nodes.length}\r\n`);
  });
  await Promise.all(
    replicas.map(async ({ port }, index) => {
      const id = /\b[0-9a-f]{40}\b/.exec(
        (await redisCall(masters[index]?.port ?? 0, "CLUSTER MYID", /\r\n.*\r\n/, 1_000)) ?? "",
      );
      await waitUntil(async () => (await call(port, `CLUSTER REPLICATE ${id?.[0] ?? ""}`)) === "+OK", FORM_WITHIN_MS);
    }),
  );
  await every(
    replicas,
    async ({ port }) => (await redisCall(port, "INFO replication", /master_link_status:up/, 1_000)) !== undefined,
  );
  // A replica may report itself up before its master sends it writes. In a failover, such a replica would lack those
  // writes.
  await every(
    masters.slice(0, replicas.length),
    async ({ port }) => (await redisCall(port, "INFO replication", /state=online/, 1_000)) !== undefined,
  );
  await every(
    nodes,
    async ({ port }) => (await redisCall(port, "CLUSTER INFO", /cluster_state:ok/, 1_000)) !== undefined,
  );
}

async function every(nodes: readonly RedisServer[], holds: (node: RedisServer) => Promise<boolean>): Promise<void> {
  const all = await waitUntil(async () => (await Promise.all(nodes.map(holds))).every(Boolean), FORM_WITHIN_MS);
  if (!all) throw new DarkroomError("redis_unavailable", "The nodes of the Redis cluster did not find each other.");
}

async function call(port: number, command: string): Promise<string | undefined> {
  return (await redisCall(port, command, /\r\n/, 5_000))?.split("\r\n")[0];
}

async function must(port: number, command: string): Promise<void> {
  const answer = await call(port, command);
  if (answer === "+OK") return;
  const what = command.split(" ", 2).join(" ");
  throw new DarkroomError("redis_unavailable", `The Redis at port ${port} refused ${what}: ${answer ?? "no answer"}`);
}
