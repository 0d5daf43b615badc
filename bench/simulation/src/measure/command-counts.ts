import type { RedisConnection } from "@darkroom/redis-kit";

/** BullMQ's scripts by their number of keys (bullmq 6.7). */
const QUEUE_SCRIPTS: Readonly<Record<string, string>> = {
  "14": "queue: finish and next",
  "11": "queue: next",
  "8": "queue: stalled check or add",
  "9": "queue: add",
  "1": "queue: keep locks",
};

/** Recognizes a script by its keys. The ledger's scripts all have the same eight. */
function scriptName(keys: number, first: string): string {
  if (first.includes(":portraits:")) return QUEUE_SCRIPTS[String(keys)] ?? `queue: script of ${keys} keys`;
  if (first.includes(":gate:hold") && keys === 4) return "gate: enter";
  if (first.includes(":gate:slots")) return "gate: renew";
  if (first.includes(":lease:")) return "lease";
  if (keys === 8) return "ledger: script";
  return `script of ${keys} keys`;
}

/** Counts clients' commands by name while `work` runs. Redis is slower in the meantime. */
export async function countCommands(
  redis: RedisConnection & { monitor?: unknown },
  ignore: string,
  work: () => Promise<void>,
): Promise<Map<string, number>> {
  const monitor = await (
    redis as unknown as {
      monitor(): Promise<NodeJS.EventEmitter & { disconnect(): void }>;
    }
  ).monitor();
  const counts = new Map<string, number>();
  monitor.on("monitor", (_time: string, args: readonly string[], source: string) => {
    if (source === "lua") return;
    const command = (args[0] ?? "").toLowerCase();
    if (command === ignore) return;
    const isScript = command === "evalsha" || command === "eval";
    const name = isScript ? scriptName(Number(args[2]), args[3] ?? "") : command;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  await work();
  monitor.disconnect();
  return counts;
}
