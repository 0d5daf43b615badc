import { randomBytes } from "node:crypto";
import { DarkroomError } from "@darkroom/core";
import { environmentValue, REDIS_URL_VARIABLE } from "./environment.ts";

/**
 * Returns the URL of this test run's Redis. All tests share it: write only under {@link testNamespace}, and never flush
 * it.
 *
 * @throws DarkroomError `redis_unavailable` outside of a test run
 */
export function testRedisUrl(): string {
  const url = environmentValue(REDIS_URL_VARIABLE);
  if (url !== undefined) return url;
  throw new DarkroomError("redis_unavailable", "There is no Redis: run the tests with vitest, which starts one.");
}

/** Returns a unique prefix for keys, batches or objects. */
export function testNamespace(): string {
  return `t${randomBytes(8).toString("hex")}`;
}
