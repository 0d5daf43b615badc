import { parentPort, workerData } from "node:worker_threads";
import decode from "heic-decode";
import { messageOf } from "@darkroom/core";
import type { HeicAnswer } from "./decode-heic.ts";

// A thread decodes one picture and then ends.
try {
  const { width, height, data } = await decode({ buffer: workerData as Uint8Array });
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  answer({ ok: true, picture: { width, height, data: pixels } }, [pixels.buffer]);
} catch (error) {
  answer({ ok: false, message: messageOf(error) }, []);
}

function answer(said: HeicAnswer, moved: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(said, moved);
}
