import { parentPort } from "node:worker_threads";
import { findInPixels, loadModels } from "../models/find-in-pixels.ts";
import type { FaceAnswer, FaceRequest } from "./messages.ts";

// Loads the models once, then examines one picture at a time. Writes nothing to disk, Redis or the log.
const models = await loadModels().catch((error: unknown) => {
  answer({ kind: "unavailable", message: textOf(error) });
  return undefined;
});

if (models === undefined) parentPort?.close();
else {
  parentPort?.on("message", ({ id, pixels }: FaceRequest) => {
    try {
      answer({ kind: "found", id, found: findInPixels(models, pixels) });
    } catch (error) {
      answer({ kind: "failed", id, message: textOf(error) });
    }
  });
}

function answer(said: FaceAnswer): void {
  parentPort?.postMessage(said);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
