import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createHash } from "node:crypto";
import { laneNames } from "@darkroom/config";
import {
  BATCH_FORMAT,
  batchKeys,
  newBatchId,
  RESULT_METADATA,
  resolveRecipe,
  type BatchSpec,
  type ObjectStore,
  type SnapshotRow,
} from "@darkroom/core";
import { writeSnapshotPart } from "@darkroom/manifest";
import type { Engine } from "../kit/engine.ts";

const PHOTO = fileURLToPath(new URL("../../../examples/team/design/portrait-01.jpg", import.meta.url));
const PART_ROWS = 1_000;
const AT_ONCE = 50;

/** Writes a batch of a deployment without producer and workers, whose first portraits have results. */
export async function seedBatch(
  { ledger, settings, root, openStore }: Engine,
  { portraits, results }: { readonly portraits: number; readonly results: number },
): Promise<string> {
  const id = newBatchId();
  const lane = laneNames(settings)["each-sense"];
  if (lane === undefined) throw new Error("no account");
  const spec: BatchSpec = {
    format: BATCH_FORMAT,
    id,
    createdAt: new Date().toISOString(),
    name: `${portraits} portraits`,
    source: { kind: "prefix", url: `${root}in/` },
    // Another batch in the same place would replace the results.
    destination: { url: `${root}out/${id}/` },
    recipe: resolveRecipe({ preset: "professional-polish", mode: "eco" }),
    lane,
    prices: settings.providers.prices,
  };
  await ledger.create(spec, { breaker: false });
  const store = openStore(spec.destination.url);
  const fence = await ledger.beginIngest(id);
  const parts = Math.ceil(portraits / PART_ROWS);
  for (let part = 0; part < parts; part++) {
    const rows = Math.min(PART_ROWS, portraits - part * PART_ROWS);
    await writeSnapshotPart(
      store,
      id,
      part,
      Array.from({ length: rows }, (_, place) => rowOf(part * PART_ROWS + place)),
    );
    await ledger.countPart(id, { fence, part, rows, rejected: [] });
  }
  await ledger.countPart(id, { fence, part: parts, rows: 0, rejected: [], end: {} });
  await storeResults({ openStore, root, store, ledger }, id, results);
  return id;
}

type Stored = Pick<Engine, "openStore" | "root" | "ledger"> & { readonly store: ObjectStore };

/** Stores the same picture for each portrait, and ends the portraits. */
async function storeResults({ openStore, root, store, ledger }: Stored, id: string, results: number): Promise<void> {
  const bytes = await readFile(PHOTO);
  const digest = createHash("sha256").update(bytes).digest("hex");
  const contentType = "image/jpeg";
  for (const side of ["source", "result"] as const) {
    await store.put(batchKeys(id).thumbnail(digest, side), bytes, { contentType });
  }
  const photos = openStore(`${root}in/`);
  for (let start = 0; start < results; start += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, results - start) }, (_, place) => start + place);
    await Promise.all(
      some.map(async (index) => {
        const { source, destination } = rowOf(index);
        const metadata = { [RESULT_METADATA.batch]: id, [RESULT_METADATA.sha256]: digest };
        await photos.put(source, bytes, { contentType });
        await store.put(destination, bytes, { contentType, metadata });
        const token = `seed/${index}`;
        await ledger.claims.claim(id, index, token);
        await ledger.claims.settle(id, index, token, {
          code: "ok",
          billed: "yes",
          message: "",
          attempts: 1,
          providerMs: 10,
          costUsd: null,
        });
      }),
    );
  }
}

function rowOf(index: number): SnapshotRow & { readonly source: string; readonly destination: string } {
  const name = `p${String(index).padStart(7, "0")}.jpg`;
  return { index, id: name, source: name, destination: name, carried: {} };
}
