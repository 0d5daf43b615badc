import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { DarkroomError, messageOf } from "@darkroom/core";
import type { RawPicture } from "./uncompressed-tiff.ts";

/** Limits of a decoding thread. */
export interface HeicLimits {
  /** Time limit. The largest picture takes a few seconds. */
  readonly timeoutMs: number;
  /** Limit of the thread's JavaScript heap, which excludes the pixels and the decoder's own memory. */
  readonly heapMb: number;
}

export const HEIC_LIMITS: HeicLimits = { timeoutMs: 60_000, heapMb: 256 };

/** The thread's answer. */
export type HeicAnswer = { readonly ok: true; readonly picture: RawPicture } | { readonly ok: false; message: string };

let last: Promise<unknown> = Promise.resolve();

/**
 * Decodes a HEIC off the main thread: one at a time per process, each in a new thread. The decoder's WebAssembly memory
 * never shrinks, so the end of the thread releases it.
 *
 * @param limits default to {@link HEIC_LIMITS}
 * @throws Error with the decoder's reason; DarkroomError `internal` if the thread failed instead of the picture
 */
export async function decodeHeic(bytes: Uint8Array, limits = HEIC_LIMITS): Promise<RawPicture> {
  const decoded = last.then(() => decodeInThread(bytes, limits));
  last = decoded.catch(() => undefined);
  const answer = await decoded;
  if (answer.ok) return answer.picture;
  throw new Error(answer.message);
}

async function decodeInThread(bytes: Uint8Array, { timeoutMs, heapMb }: HeicLimits): Promise<HeicAnswer> {
  const copy = Uint8Array.from(bytes);
  const thread = new Worker(new URL("./heic-thread.ts", import.meta.url), {
    workerData: copy,
    transferList: [copy.buffer],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    // Captured to drop the decoder's messages about broken files.
    stdout: true,
    stderr: true,
  });
  const gone = new AbortController();
  thread.once("exit", (code) => gone.abort(new Error(`the thread ended with code ${code}`)));
  const ends = AbortSignal.any([AbortSignal.timeout(timeoutMs), gone.signal]);
  try {
    const [answer] = (await once(thread, "message", { signal: ends })) as [HeicAnswer];
    return answer;
  } catch (error) {
    // The thread died, for example because it ran out of memory, or timed out. A thread that works reports problems
    // with the picture in its answer.
    const cause: unknown = (error as Error).name === "AbortError" ? ends.reason : error;
    throw new DarkroomError("internal", `the HEIC decoder gave no answer: ${messageOf(cause)}`, {
      retryable: true,
      cause,
    });
  } finally {
    await thread.terminate();
  }
}
