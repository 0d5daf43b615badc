import { Lane, type LaneConnection } from "@darkroom/lanes";
import { batchLedgerKeys } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import type { Engine } from "../kit/engine.ts";

/** A job returned by a killed worker is removed once a worker finds that its portrait has ended. */
const JOBS_GONE_WITHIN_MS = 60_000;

/** Checks that an ended batch leaves no jobs, claims, receipts or outcome lines in Redis. */
export async function checkRemains(engine: Engine, batchId: string): Promise<string[]> {
  const findings: string[] = [];
  const { redis, settings } = engine;
  const { namespace, url } = settings.redis;
  const connection: LaneConnection = { redisUrl: url, namespace, onError: () => undefined };
  const lane = new Lane(connection, redis, "twin");
  try {
    await until(async () => Object.values(await lane.counts()).every((count) => count === 0), {
      what: "the lane to be empty",
      timeoutMs: JOBS_GONE_WITHIN_MS,
      everyMs: 200,
    }).catch(async () => findings.push(`jobs are left in the lane: ${JSON.stringify(await lane.counts())}`));
  } finally {
    await lane.close();
  }
  const jobs = await redis.keys(`*:portraits:${batchId}-*`);
  if (jobs.length > 0) findings.push(`${jobs.length} jobs are left: ${jobs.slice(0, 3).join(", ")}`);
  const keys = batchLedgerKeys(namespace, batchId);
  for (const name of ["claims", "receipts", "deaths"] as const) {
    const left = await redis.hkeys(keys[name]);
    if (left.length > 0) findings.push(`${left.length} ${name} are left, of ${left.slice(0, 5).join(", ")}`);
  }
  const undrained = await redis.xlen(keys.outcomes);
  if (undrained > 0) findings.push(`${undrained} outcome lines never reached the report`);
  return findings;
}
