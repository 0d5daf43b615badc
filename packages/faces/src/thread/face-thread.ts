import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { FacePixels } from "../face.ts";
import type { FaceAnswer, FaceRequest } from "./messages.ts";

/** Limit of one picture, the start of the thread included. Loading and examining takes about two seconds. */
const TIMEOUT_MS = 60_000;
/** Limit of the thread's JavaScript heap, which excludes the models and the pixels. */
const HEAP_MB = 256;

/** This machine cannot run the models. */
export class FacesUnavailable extends Error {}

/** A thread with loaded models. Examines one picture at a time; the caller must not ask twice at once. */
export class FaceThread {
  readonly #worker: Worker;
  #lastId = 0;

  constructor() {
    this.#worker = new Worker(new URL("./finder-thread.ts", import.meta.url), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      // Captured to drop the libraries' advice.
      stdout: true,
      stderr: true,
    });
    // An error outside of a question ends the thread; the next question notices it.
    this.#worker.on("error", () => undefined);
    this.#worker.unref();
  }

  /**
   * Examines a picture. `failed` concerns this picture only.
   *
   * @throws FacesUnavailable if the models cannot be loaded
   * @throws Error if the thread ended or is stuck; it is then unusable
   */
  async find(pixels: FacePixels): Promise<Exclude<FaceAnswer, { kind: "unavailable" }>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const gone = new AbortController();
    const onExit = (): void => gone.abort(new Error("the thread that finds faces ended"));
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), gone.signal]);
    this.#worker.once("exit", onExit);
    // Keeps the process alive only while a picture is being examined.
    this.#worker.ref();
    try {
      this.#worker.postMessage({ id, pixels } satisfies FaceRequest);
      const [answer] = (await once(this.#worker, "message", { signal })) as [FaceAnswer];
      if (answer.kind === "unavailable") throw new FacesUnavailable(answer.message);
      return answer;
    } catch (error) {
      throw (error as Error).name === "AbortError" ? signal.reason : error;
    } finally {
      this.#worker.off("exit", onExit);
      this.#worker.unref();
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
