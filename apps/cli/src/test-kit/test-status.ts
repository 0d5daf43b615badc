import { PORTRAIT_STATES, type BatchStatus, type PortraitCounts, type PortraitState } from "@darkroom/core";

/** Builds a batch's status for tests. */
export function testStatus(
  states: Partial<Record<PortraitState, number>>,
  overrides: Partial<BatchStatus> = {},
): BatchStatus {
  const counts = Object.fromEntries(PORTRAIT_STATES.map((state) => [state, states[state] ?? 0]));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    id: "01k9zzzzzzzzzzzzzzzzzzzzzz",
    name: null,
    schedule: null,
    cancelling: false,
    revision: 0,
    state: "running",
    lane: "twin",
    source: "s3://b/in/",
    recipe: { provider: "each-sense", mode: "eco", steps: ["professional-polish"] },
    destination: "s3://b/out/",
    createdAt: "2026-11-21T10:00:00.000Z",
    endedAt: null,
    ingested: true,
    counts: { ...counts, total } as PortraitCounts,
    failures: {},
    costUsd: 0,
    unstored: { portraits: 0, usd: 0 },
    lostUsd: 0,
    maybeUsd: 0,
    portraitUsd: null,
    estimatedCostUsd: null,
    maxCostUsd: null,
    maybeBilled: 0,
    ratePerSecond: null,
    secondsLeft: null,
    blocked: null,
    unattended: null,
    waiting: [],
    fallback: null,
    pausedBy: null,
    pilot: null,
    deadline: null,
    rounds: [],
    reason: null,
    report: null,
    leftOut: [],
    consistency: null,
    likeness: null,
    leftBehind: {},
    review: { revision: 0, undecided: 0, approved: 0, rejected: 0 },
    lastEvent: null,
    ...overrides,
  };
}
