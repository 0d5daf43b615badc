import { cpus, totalmem } from "node:os";
import { availableParallelism } from "node:os";
import { startBenchRedis } from "./private-redis.ts";

/** Machine and time of the measurements. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
  readonly redis: string;
  /** The day, ISO 8601. */
  readonly date: string;
}

export async function describeMachine(): Promise<Machine> {
  const redis = await startBenchRedis();
  try {
    return {
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      memoryGib: Math.round(totalmem() / 2 ** 30),
      node: process.versions.node,
      redis: await redis.version(),
      date: new Date().toISOString().slice(0, 10),
    };
  } finally {
    await redis.close();
  }
}
