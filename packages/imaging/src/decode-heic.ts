import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { DarkroomError, messageOf } from "@darkroom/core";
import type { RawPicture } from "./uncompressed-tiff.ts";

/** The largest picture takes a few seconds. */
const TIMEOUT_MS = 60_000;

/** What the thread answers. */
export type HeicAnswer = { readonly ok: true; readonly picture: RawPicture } | { readonly ok: false; message: string };

let last: Promise<unknown> = Promise.resolve();

/**
 * Decodes a HEIC off the main thread: one at a time in the process, each in a thread of its own that ends with it. The
 * decoder's memory (WebAssembly, which never gives any back) goes with the thread.
 *
 * @throws Error with the decoder's reason; DarkroomError `internal` where it is the decoder that failed, not the picture
 */
export async function decodeHeic(bytes: Uint8Array): Promise<RawPicture> {
  const decoded = last.then(() => decodeInThread(bytes));
  last = decoded.catch(() => undefined);
  return await decoded;
}

async function decodeInThread(bytes: Uint8Array): Promise<RawPicture> {
  const copy = Uint8Array.from(bytes);
  const thread = new Worker(new URL("./heic-thread.ts", import.meta.url), {
    workerData: copy,
    transferList: [copy.buffer],
    execArgv: [],
    // The decoder prints what it thinks of a broken file.
    stdout: true,
    stderr: true,
  });
  try {
    const [answer] = (await once(thread, "message", { signal: AbortSignal.timeout(TIMEOUT_MS) })) as [HeicAnswer];
    if (answer.ok) return answer.picture;
    throw new Error(answer.message);
  } catch (error) {
    // A thread that died, for want of memory for instance, says so by the code of its error.
    const ofThread = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_WORKER_");
    if (!(error instanceof Error) || (error.name !== "AbortError" && !ofThread)) throw error;
    throw new DarkroomError("internal", `the HEIC decoder gave no answer: ${messageOf(error)}`, {
      retryable: true,
      cause: error,
    });
  } finally {
    await thread.terminate();
  }
}
