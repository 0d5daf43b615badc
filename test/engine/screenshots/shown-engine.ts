import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEngine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

const TEAM = fileURLToPath(new URL("../../../examples/team/", import.meta.url));

/** A running Darkroom with batches of the example team. */
export interface ShownEngine {
  readonly url: string;
  /** A reviewed batch, as the pictures show it. */
  readonly batchId: string;
  /** Path on the server that opens the batch for a client. */
  readonly clientPath: string;
  readonly close: () => Promise<void>;
}

/** Starts Darkroom with the twin, and brings batches into several states. */
export async function startShownEngine(): Promise<ShownEngine> {
  const darkroom = await startEngine({
    twin: { latencyMs: 50, work: "full", faults: [{ match: { portrait: "portrait-05" }, fault: "no_face" }] },
    env: { DARKROOM_THUMBNAILS: "true", DARKROOM_PRICES: '{"each-sense":{"eco":0.05,"max":0.2}}' },
  });
  for (const folder of ["design", "engineering", "sales"]) {
    for (const name of await readdir(join(TEAM, folder))) {
      await darkroom.source.put(`${folder}/${name}`, await readFile(join(TEAM, folder, name)), {
        contentType: name.endsWith(".png") ? "image/png" : "image/jpeg",
      });
    }
  }
  const batchId = await darkroom.submit({ name: "Team headshots, spring", maxCostUsd: 3 });
  await darkroom.ended(batchId);
  await postTo(darkroom, `/batches/${batchId}/reviews`, { order: "approve", indexes: [0, 1, 3] });
  await postTo(darkroom, `/batches/${batchId}/reviews`, { order: "reject", indexes: [2], note: "eyes closed" });
  const link = { name: "Acme", review: true, downloads: true };
  const { path } = await postTo<{ readonly path: string }>(darkroom, `/batches/${batchId}/links`, link);
  await fetch(`${darkroom.api.url}/v1/samples`, { method: "POST" });
  for (const id of await darkroom.ledger.listBatches(1)) await darkroom.settledAtLeast(id, 1);
  return { url: darkroom.api.url, batchId, clientPath: path, close: () => darkroom.close() };
}
