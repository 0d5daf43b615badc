import { getHeapStatistics } from "node:v8";
import underPressure from "@fastify/under-pressure";
import { DarkroomError } from "@darkroom/core";
import type { ApiServer } from "../services.ts";

/** Mean event-loop delay over a second above which the API rejects requests. */
export const MAX_LOOP_DELAY_MS = 2_000;
/** Share of the heap limit above which the API rejects requests. */
const MAX_HEAP_SHARE = 0.95;
/** Delay suggested to refused clients. */
const RETRY_AFTER_MS = 5_000;

/** Route option `config` of routes that answer in spite of an overload: an orchestrator must not kill a busy process. */
export const ALWAYS_ANSWERS = { pressureHandler: () => undefined } as const;

/** Refuses requests with `overloaded` while this process is overloaded. */
export async function refuseWhenOverloaded(app: ApiServer, maxLoopDelayMs: number): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: maxLoopDelayMs,
    maxHeapUsedBytes: Math.floor(getHeapStatistics().heap_size_limit * MAX_HEAP_SHARE),
    pressureHandler: async (_request, _reply, kind, value) => {
      // Not measured: a start that blocks the loop leaves no sample.
      if (value === Infinity) return;
      const message = "This server has too much to do right now. Nothing was changed. Send the request again.";
      const cause = new Error(`${kind}: ${String(value)}`);
      throw new DarkroomError("overloaded", message, { retryable: true, retryAfterMs: RETRY_AFTER_MS, cause });
    },
  });
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** See {@link ALWAYS_ANSWERS}. */
    pressureHandler?: () => undefined;
  }
}
