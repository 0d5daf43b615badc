import { randomBytes } from "node:crypto";
import { DarkroomError } from "@darkroom/core";
import { environmentValue, REDIS_URL_VARIABLE } from "./environment.ts";

/**
 * The Redis of this test run. Everybody shares it: write only under {@link testNamespace}, never flush it.
 *
 * @throws DarkroomError `redis_unavailable` outside of a test run
 */
export function testRedisUrl(): string {
  const url = environmentValue(REDIS_URL_VARIABLE);
  if (url !== undefined) return url;
  throw new DarkroomError("redis_unavailable", "There is no Redis: run the tests with vitest, which brings one.");
}

/** A prefix for keys, batches or objects that no other test has. */
export function testNamespace(): string {
  return `t${randomBytes(8).toString("hex")}`;
}
