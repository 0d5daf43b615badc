import {
  BATCH_FORMAT,
  newBatchId,
  type BatchSpec,
  type Outcome,
  type OutcomeCode,
  type OutcomeLine,
} from "@darkroom/core";
import { connectRedis, closeRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import { Ledger, type BatchRestore } from "../src/index.ts";

/** A wait for tests in which the reason does not matter. */
export const WAIT = { reason: "provider_retry", delayMs: 60_000 } as const;

/** Opens a separate ledger on the test's Redis. */
export function openLedger() {
  const errors: Error[] = [];
  const redis = connectRedis({ url: testRedisUrl(), name: "ledger-test", onError: (error) => errors.push(error) });
  const namespace = testNamespace();
  return { redis, namespace, ledger: new Ledger(redis, namespace), close: () => closeRedis(redis) };
}

export function batchSpec(overrides: Partial<BatchSpec> = {}): BatchSpec {
  return {
    format: BATCH_FORMAT,
    id: newBatchId(),
    createdAt: new Date().toISOString(),
    source: { kind: "prefix", url: "s3://bucket/in/" },
    destination: { url: "s3://bucket/out/" },
    recipe: {
      provider: "each-sense",
      mode: "eco",
      steps: [{ preset: "professional-polish" }],
      intensity: "subtle",
      useCase: "headshot",
      preserve: [],
      output: { format: "source" },
    },
    lane: "each-sense",
    prices: {},
    ...overrides,
  };
}

export function outcome(code: OutcomeCode, overrides: Partial<Outcome> = {}): Outcome {
  return { code, billed: "no", message: "", attempts: 1, providerMs: 5, costUsd: 0, ...overrides };
}

export function rejectedLine(index: number): OutcomeLine {
  return { index, at: 1, ...outcome("invalid_row", { attempts: 0, message: `line ${index + 2}: no source` }) };
}

/** Restore data for a batch of which the store has only the order. */
export function emptyRestore(spec: BatchSpec): Parameters<BatchRestore["finish"]>[0] {
  return {
    spec,
    limits: {},
    control: undefined,
    state: "running",
    parts: 0,
    total: 0,
    ingested: true,
    kinds: {},
    days: [],
    maybeBilled: 0,
    reportParts: 0,
    fields: {},
  };
}
