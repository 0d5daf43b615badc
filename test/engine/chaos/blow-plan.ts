import { between, seededRandom, type Random } from "./random.ts";

/** A failure inflicted on a running Darkroom. */
export type Blow =
  | { readonly kind: "kill-worker" | "kill-producer"; readonly atMs: number; readonly target: number }
  | {
      readonly kind: "freeze-worker" | "freeze-producer";
      readonly atMs: number;
      readonly target: number;
      readonly lastsMs: number;
    }
  | { readonly kind: "kill-redis" | "freeze-redis"; readonly atMs: number; readonly lastsMs: number }
  /** The object store refuses or aborts this share of all requests. */
  | { readonly kind: "storm-store"; readonly atMs: number; readonly lastsMs: number; readonly share: number };

export type BlowKind = Blow["kind"];

type Span = readonly [lowMs: number, highMs: number];

/** Frequency and duration of each kind of failure. */
export interface Violence {
  readonly killWorkerEveryMs: Span;
  readonly killProducerEveryMs: Span;
  readonly freezeWorkerEveryMs: Span;
  /** Longer than the queue's lock. */
  readonly freezeWorkerMs: Span;
  readonly freezeProducerEveryMs: Span;
  /** Longer than a producer's lease. */
  readonly freezeProducerMs: Span;
  readonly redisEveryMs: Span;
  readonly redisDownMs: Span;
  /** Longer than the queue's lock. */
  readonly redisFrozenMs: Span;
  readonly stormEveryMs: Span;
  readonly stormMs: Span;
}

/** Plans all failures up to `untilMs`, sorted by time. The plan depends only on the seed. */
export function planBlows(seed: string, violence: Violence, untilMs: number): Blow[] {
  const targets = 1_000;
  const series = (name: string, every: Span, blow: (random: Random, atMs: number) => Blow): Blow[] => {
    const random = seededRandom(`${seed}/${name}`);
    const blows: Blow[] = [];
    for (let atMs = between(random, every) / 2; atMs < untilMs;) {
      const next = blow(random, Math.round(atMs));
      blows.push(next);
      // Two failures of the same kind never overlap.
      atMs += between(random, every) + ("lastsMs" in next ? next.lastsMs : 0);
    }
    return blows;
  };
  const target = (random: Random): number => between(random, [0, targets - 1]);
  return [
    ...series("kill-worker", violence.killWorkerEveryMs, (random, atMs) => ({
      kind: "kill-worker",
      atMs,
      target: target(random),
    })),
    ...series("kill-producer", violence.killProducerEveryMs, (random, atMs) => ({
      kind: "kill-producer",
      atMs,
      target: target(random),
    })),
    ...series("freeze-worker", violence.freezeWorkerEveryMs, (random, atMs) => ({
      kind: "freeze-worker",
      atMs,
      target: target(random),
      lastsMs: between(random, violence.freezeWorkerMs),
    })),
    ...series("freeze-producer", violence.freezeProducerEveryMs, (random, atMs) => ({
      kind: "freeze-producer",
      atMs,
      target: target(random),
      lastsMs: between(random, violence.freezeProducerMs),
    })),
    ...series("redis", violence.redisEveryMs, (random, atMs) => {
      const kind = random() < 0.5 ? "kill-redis" : "freeze-redis";
      return {
        kind,
        atMs,
        lastsMs: between(random, kind === "kill-redis" ? violence.redisDownMs : violence.redisFrozenMs),
      };
    }),
    ...series("store", violence.stormEveryMs, (random, atMs) => ({
      kind: "storm-store",
      atMs,
      lastsMs: between(random, violence.stormMs),
      share: between(random, [20, 100]) / 100,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
}

/** Returns a log line that describes the failure. */
export function describeBlow(blow: Blow): string {
  const { kind, atMs, ...rest } = blow;
  const settings = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return [`${(atMs / 1_000).toFixed(1).padStart(7)} s`, kind, ...settings].join("  ");
}
