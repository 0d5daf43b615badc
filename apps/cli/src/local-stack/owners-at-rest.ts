import { isEnded, type BatchStatus } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import type { Role } from "../follow/end-of-command.ts";
import type { LocalProcess } from "./local-process.ts";
import type { ProviderChoice } from "../options/provider-choice.ts";
import { overlapping, standstill, waitingForOthers } from "../follow/standstill.ts";

/** The API gives no more than this at once. */
const MOST = 200;
const LOOK_EVERY_MS = 2_000;

/** Looks after the batches that own results which a followed batch waits for. */
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

  /** Those that keep the batch from going on for ever, as they were found last. */
  get found(): readonly BatchStatus[] {
    return this.#found;
  }

  /**
   * Takes in how the batch stands. A batch that a person has cancelled, and that nobody is there to end, is ended by this
   * process where it does the work: nothing of it is started, and its results become free.
   *
   * @returns the batches that keep this one from going on until a person does something about them
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
