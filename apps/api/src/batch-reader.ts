import type { BatchStatus } from "@darkroom/core";
import type { LaneLimits } from "@darkroom/intake";
import { Gate } from "@darkroom/lanes/gate";
import { readBlocked } from "@darkroom/lanes/lane-look";
import { BlockedDestinations, Ledger, Staffing } from "@darkroom/ledger";
import type { RedisConnection } from "@darkroom/redis-kit";
import { readBatch, viewBatch } from "./batches/batch-view.ts";
import { listBatches, type BatchPage } from "./batches/list-batches.ts";

/** Answers read-only requests about batches without a server, for commands that only show batches. */
export class BatchReader {
  readonly #services;

  /** @param laneLimits configured limits of a lane */
  constructor(redis: RedisConnection, namespace: string, laneLimits: (lane: string) => LaneLimits) {
    this.#services = {
      ledger: new Ledger(redis, namespace),
      attendance: new Staffing(redis, namespace),
      destinations: new BlockedDestinations(redis, namespace),
      lane: (name: string) => ({ blocked: () => readBlocked(redis, namespace, name) }),
      gate: (name: string) => new Gate(redis, namespace, name, laneLimits(name)),
      laneLimits,
    };
  }

  /** Newest first. @param cursor `nextCursor` of the previous page */
  async list(limit: number, cursor?: string): Promise<BatchPage> {
    return await listBatches(this.#services, { limit, cursor });
  }

  /** @throws DarkroomError `not_found` */
  async status(id: string): Promise<BatchStatus> {
    return await viewBatch(this.#services, await readBatch(this.#services, id));
  }
}
