import { isEnded, type BatchStatus } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import type { Role } from "../follow/end-of-command.ts";
import type { LocalProcess } from "./local-process.ts";
import type { ProviderChoice } from "../options/provider-choice.ts";
import { overlapping, standstill, waitingForOthers } from "../follow/standstill.ts";

/** Maximum page size of the API. */
const MOST = 200;
const LOOK_EVERY_MS = 2_000;

/** Tracks the batches that own results for which a followed batch waits. */
export class OwnersAtRest {
  readonly #client: Pick<DarkroomClient, "list">;
  readonly #local: Pick<LocalProcess, "startWork" | "isAlone"> | undefined;
  readonly #ending = new Set<string>();
  #lookedAt = -Infinity;
  #found: readonly BatchStatus[] = [];

  constructor(client: Pick<DarkroomClient, "list">, local: Pick<LocalProcess, "startWork" | "isAlone"> | undefined) {
    this.#client = client;
    this.#local = local;
  }

  /** The batches that currently block this one indefinitely. */
  get found(): readonly BatchStatus[] {
    return this.#found;
  }

  /**
   * Processes a new state of the batch. If a blocking batch was cancelled and no process ends it, a command in the
   * working role ends that batch without doing its work, which releases the results.
   *
   * @returns the batches that block this one until a user acts on them
   */
  async take(
    batch: BatchStatus,
    role: Role | undefined,
    provider: () => ProviderChoice,
  ): Promise<readonly BatchStatus[]> {
    if (waitingForOthers(batch) === 0) {
      this.#found = [];
      return [];
    }
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return this.#found;
    this.#lookedAt = now;
    const { batches } = await this.#client.list(MOST);
    if (this.#local !== undefined && role === "works") {
      const alone = this.#local.isAlone();
      for (const { id, lane, cancelling, unattended } of overlapping(batch, batches)) {
        if (!cancelling || lane !== batch.lane || this.#ending.has(id) || (unattended === null && !alone)) continue;
        this.#ending.add(id);
        await this.#local.startWork(provider(), { batches: [id] });
      }
    }
    this.#found = standstill(
      batch,
      batches.filter(({ id, state }) => !this.#ending.has(id) || isEnded(state)),
    );
    return this.#found;
  }
}
