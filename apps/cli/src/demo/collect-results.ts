import { createReadStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { messageOf, type ObjectStore } from "@darkroom/core";
import { contactSheet } from "@darkroom/imaging";
import type { DarkroomClient } from "../api/client.ts";
import { saveTo } from "../commands/report.ts";
import { comparePictures, type Comparison } from "./compare-pictures.ts";
import type { TeamPhoto } from "./team.ts";

/** A checked portrait of the demo. */
export interface DemoResult extends Comparison {
  readonly key: string;
  readonly outcome: string;
  readonly attempts: number;
  readonly providerMs: number;
  /** Why the portrait stands out from the team. Empty if the portrait does not stand out. */
  readonly review: readonly string[];
}

interface ReportLine {
  readonly index: number;
  readonly outcome: string;
  readonly attempts: number;
  readonly providerMs: number;
  readonly review: readonly string[];
}

/** Copies the results and the report of a batch into `folder`, checks them, and draws the contact sheet. */
export async function collectResults(
  client: DarkroomClient,
  batchId: string,
  team: readonly TeamPhoto[],
  store: ObjectStore,
  folder: string,
  signal: AbortSignal,
): Promise<readonly DemoResult[]> {
  const lines = await readReport(client, batchId, folder, signal);
  const results: DemoResult[] = [];
  const pairs: { before: Buffer; after: Buffer; label: string; note?: string }[] = [];
  for (const [index, { key, bytes }] of team.entries()) {
    signal.throwIfAborted();
    const line = lines.get(index);
    const reported = {
      outcome: line?.outcome ?? "missing",
      attempts: line?.attempts ?? 0,
      providerMs: line?.providerMs ?? 0,
      review: line?.review ?? [],
    };
    const after = await download(store, key).catch((error: unknown) => messageOf(error));
    if (typeof after === "string") {
      results.push({ key, ...reported, size: "", meanDifference: 0, problems: [after] });
      continue;
    }
    await save(join(folder, key), after);
    const comparison = await comparePictures(bytes, after);
    const problems = line === undefined ? ["the report has no row for it"] : [];
    results.push({ key, ...reported, ...comparison, problems: [...problems, ...comparison.problems] });
    if (comparison.size === "") continue;
    // Only the first reason, for lack of space.
    const [reason] = reported.review;
    pairs.push({
      before: bytes,
      after,
      label: key,
      ...(reason === undefined ? {} : { note: `stands out: ${reason}` }),
    });
  }
  if (pairs.length > 0) {
    const title = `Darkroom demo: ${pairs.length} portraits by the twin`;
    await save(join(folder, "contact-sheet.png"), await contactSheet(pairs, { title }));
  }
  return results;
}

async function readReport(
  client: DarkroomClient,
  batchId: string,
  folder: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, ReportLine>> {
  await saveTo(join(folder, "report.csv"), await client.report(batchId, "report.csv"), signal);
  const path = join(folder, "report.jsonl");
  await saveTo(path, await client.report(batchId, "report.jsonl"), signal);
  const lines = new Map<number, ReportLine>();
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const line = JSON.parse(text) as ReportLine;
    lines.set(line.index, line);
  }
  return lines;
}

async function download(store: ObjectStore, key: string): Promise<Buffer> {
  return await buffer((await store.get(key)).body);
}

async function save(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}
