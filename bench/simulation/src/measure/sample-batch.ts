import { BATCH_FORMAT, type BatchSpec, type Outcome, type Receipt, submissionSchema } from "@darkroom/core";
import type { Ledger } from "@darkroom/ledger";

/** Builds a batch that needs as much space in Redis as real batches. */
export function batchSpec(id: string): BatchSpec {
  const { recipe } = submissionSchema.parse({
    source: "s3://photos/2026/autumn/",
    destination: "s3://results/2026/autumn/",
    recipe: { preset: "professional-polish", mode: "eco" },
  });
  return {
    format: BATCH_FORMAT,
    id,
    name: "Headshots of the autumn",
    createdAt: new Date().toISOString(),
    source: { kind: "prefix", url: "s3://photos/2026/autumn/" },
    destination: { url: "s3://results/2026/autumn/" },
    recipe: recipe as BatchSpec["recipe"],
    lane: "twin",
    prices: {},
  };
}

export function receipt(index: number): Receipt {
  const now = Date.now();
  const url = `https://storage.provider.example/outputs/${"0123456789abcdef".repeat(2)}/portrait-${index}.jpg`;
  return {
    round: 0,
    firstIntentAt: now,
    fingerprint: "0123456789abcdef".repeat(4),
    session: { generation: 0, exchanges: 1 },
    calls: [{ step: 0, at: now, generation: 0, status: "answered", outputs: { urls: [url], at: now } }],
    providerMs: 12_345,
    storageFailures: 0,
  };
}

export function outcome(index: number): Outcome {
  return {
    code: "ok",
    billed: "yes",
    message: "",
    attempts: 1,
    providerMs: 12_345,
    costUsd: 0.05,
    destination: `design/portrait-${index}.jpg`,
  };
}

const PART_ROWS = 1_000;
const AT_ONCE = 100;

/**
 * Ingests this many full parts of a batch into the ledger, and completes its ingest.
 *
 * @returns parts per second
 */
export async function ingestParts(ledger: Ledger, batchId: string, parts: number): Promise<number> {
  const fence = await ledger.beginIngest(batchId);
  const startedAt = performance.now();
  for (let first = 0; first < parts; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, parts - first);
    await Promise.all(
      Array.from({ length: count }, (_, place) => {
        const part = first + place;
        const end = part === parts - 1 ? {} : undefined;
        return ledger.countPart(batchId, { fence, part, rows: PART_ROWS, rejected: [], end });
      }),
    );
  }
  return parts / ((performance.now() - startedAt) / 1_000);
}
