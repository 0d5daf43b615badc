import { Ledger } from "@darkroom/ledger";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import type { startSentinels } from "@darkroom/testkit";
import type { Engine } from "./engine.ts";

type Sentinels = Awaited<ReturnType<typeof startSentinels>>;

/**
 * For Sentinels whose master deliberately loses its replicas. Sentinels elect no replica that has been disconnected for
 * longer than ten times this, and the master must live until there is data to lose.
 */
export const LOSSY_DOWN_AFTER_MS = 3_000;

/**
 * Disconnects the replicas permanently, so that later writes die with the master. A replica that may not PSYNC falls
 * back to SYNC, and would be in sync again after about 5 s.
 */
export async function cutReplicas({ redis }: Engine): Promise<void> {
  await redis.call("ACL", "SETUSER", "default", "-psync", "-sync");
  await redis.call("CLIENT", "KILL", "TYPE", "replica");
}

/**
 * Returns the largest number of succeeded portraits known to any server other than the master. The master's successor
 * knows no more than that.
 */
export async function succeededAtReplicas({ redis, settings }: Engine, stack: Sentinels, batch: string) {
  const { port } = await serverOf(redis);
  const counts = await Promise.all(
    stack.servers
      .filter((server) => server.port !== port)
      .map(async (server) => {
        const url = `redis://127.0.0.1:${server.port}`;
        const replica = connectRedis({ url, name: "replica-look", onError: () => undefined });
        try {
          return (await new Ledger(replica, settings.redis.namespace).read(batch))?.counts.succeeded ?? 0;
        } finally {
          await closeRedis(replica);
        }
      }),
  );
  return Math.max(...counts);
}

/** Kills the current master. */
export async function killMaster({ redis }: Engine): Promise<void> {
  process.kill((await serverOf(redis)).pid, "SIGKILL");
}

async function serverOf(redis: Engine["redis"]): Promise<{ readonly pid: number; readonly port: number }> {
  const info = String(await redis.call("INFO", "server"));
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
  return { pid: field("process_id"), port: field("tcp_port") };
}
