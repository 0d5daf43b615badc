import { z } from "zod";
import { keepResultNames, snapshotFiles, type SnapshotFile } from "@darkroom/manifest";
import { batchKeys, DarkroomError, isEnded, messageOf, type ObjectStore } from "@darkroom/core";
import { answer } from "../http/answer.ts";
import { batchParams } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { keptAfterClean } from "../batches/kept-after-clean.ts";
import { problems } from "../http/problem.ts";
import { deleteUploadOf } from "../uploads/submitted-upload.ts";
import type { ApiServer } from "../services.ts";

/** Number of files deleted or rewritten in parallel. */
const FILES_AT_ONCE = 16;

const cleanQuery = z.strictObject({
  report: z
    .enum(["keep", "delete"])
    .default("keep")
    .describe("`delete`: also deletes the report, and paid pictures that could not be stored at their keys."),
});

const cleanedSchema = z.object({
  id: z.string(),
  files: z.int().describe("Files deleted under `_darkroom/`."),
  bytes: z.int(),
});

/** The route that deletes the files of an ended batch, except its results. */
export async function cleanBatchRoute(app: ApiServer): Promise<void> {
  app.delete(
    "/batches/:id",
    {
      config: { scope: "manage", repeats: "safely" },
      schema: {
        operationId: "cleanBatch",
        summary: "Delete the working files of a batch that has ended, and forget the batch",
        description:
          "Photos that were uploaded for the batch are deleted. Results stay, and so does the report unless `report=delete`. `batch.json` and a list of the results' names always stay, so that Darkroom never takes a result for a photo. The batch cannot be retried afterwards. A batch that has not ended is refused.",
        tags: ["batches"],
        params: batchParams,
        querystring: cleanQuery,
        response: { 200: answer("What was deleted", cleanedSchema), ...problems(400, 401, 404, 409, 503) },
      },
    },
    async (request) => {
      const { ledger, openStore } = app.services;
      const { spec, state } = await readBatch(app.services, request.params.id);
      if (!isEnded(state)) throw notEnded(spec.id, state);
      const store = openStore(spec.destination.url);
      // Listed first, so that the batch stays unchanged if the store is unreachable.
      const lists: SnapshotFile[] = [];
      for await (const list of snapshotFiles(store, spec.id)) lists.push(list);
      const listKeys = new Set(lists.map(({ key }) => key));
      const isKept = keptAfterClean(spec.id, request.query.report);
      const found = await filesToDelete(store, spec.id, (key) => isKept(key) || listKeys.has(key));
      // From here on, a retry finds no batch, so no deleted file can be missing for a retry.
      if (!(await ledger.forget(spec.id))) throw notEnded(spec.id, "running");
      try {
        await inChunks(found, ({ key }) => store.delete(key));
        await deleteUploadOf(spec.source, app.services);
        await inChunks(lists, (list) => keepResultNames(store, spec, list));
      } catch (error) {
        throw new DarkroomError(
          "storage_unavailable",
          `The batch is forgotten, but not all of its working files could be deleted: ${messageOf(error)}. Delete what is left under ${store.url}${batchKeys(spec.id).base} yourself, but keep batch.json and snapshot/, the list of the results; it may still contain columns of the manifest.`,
          { cause: error },
        );
      }
      return { id: spec.id, files: found.length, bytes: found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
    },
  );
}

function notEnded(id: string, state: string): DarkroomError {
  return new DarkroomError(
    "conflict",
    `This batch has not ended: it is ${state.replaceAll("_", " ")}. End it first (darkroom watch ${id}, or darkroom cancel ${id}).`,
  );
}

interface Found {
  readonly key: string;
  readonly sizeBytes: number;
}

async function filesToDelete(
  store: ObjectStore,
  batchId: string,
  keeps: (key: string) => boolean,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const { key, sizeBytes } of store.list({ prefix: batchKeys(batchId).base })) {
    if (!keeps(key)) found.push({ key, sizeBytes });
  }
  return found;
}

async function inChunks<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += FILES_AT_ONCE) {
    await Promise.all(items.slice(start, start + FILES_AT_ONCE).map(work));
  }
}
