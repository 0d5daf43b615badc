import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedisCluster } from "@darkroom/local-stack";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import type { Measured } from "./measured.ts";
import { cpuUsOf, redisBinary } from "./private-redis.ts";

const NODES = 3;
const MESSAGES = 20_000;
const AT_ONCE = 8;
const CHANNEL = "measure:events:measured";

/**
 * Measures the cost of a message without subscribers, for the node on which it is published and for the other nodes of
 * a cluster.
 */
export async function measureClusterMessages(): Promise<Measured["clusterMessage"]> {
  const dir = await mkdtemp(join(tmpdir(), "darkroom-measure-"));
  const cluster = await startRedisCluster({ binary: await redisBinary(), dir, masters: NODES });
  const connect = (port: number) =>
    connectRedis({
      url: `redis://127.0.0.1:${port}`,
      name: "measure",
      autoPipelining: false,
      onError: () => undefined,
    });
  const nodes = cluster.masters.map(({ port }) => connect(port));
  const senders = Array.from({ length: AT_ONCE }, () => connect(cluster.masters[0]?.port ?? 0));
  try {
    const cpu = (): Promise<number[]> => Promise.all(nodes.map(cpuUsOf));
    const publish = (count: number) =>
      Promise.all(
        senders.map(async (sender) => {
          for (let sent = 0; sent < count / AT_ONCE; sent += 1)
            await sender.publish(CHANNEL, "a message as long as an event");
        }),
      );
    await publish(AT_ONCE * 10);
    const before = await cpu();
    const startedAt = performance.now();
    await publish(MESSAGES);
    const tookMs = performance.now() - startedAt;
    const after = await cpu();
    // Includes the traffic between the nodes themselves.
    await new Promise((resolve) => setTimeout(resolve, tookMs));
    const idle = await cpu();
    const used = after.map((us, node) => us - (before[node] ?? 0) - ((idle[node] ?? 0) - us));
    const [sent = 0, ...received] = used.map((us) => us / MESSAGES);
    return {
      nodes: NODES,
      sentUs: sent,
      receivedUs: received.reduce((sum, us) => sum + us, 0) / received.length,
    };
  } finally {
    await Promise.all([...nodes, ...senders].map(closeRedis));
    await cluster.close();
    await rm(dir, { recursive: true, force: true });
  }
}
