import { SETTINGS } from "@darkroom/config";
import { BatchModel } from "./batch-model.ts";
import { dice } from "./dice.ts";
import { LaneModel } from "./lane-model.ts";
import { ProducerModel } from "./producer-model.ts";
import { percentile, REDIS_KINDS, type RedisKind, type Scenario, type SimulationResult } from "./scenario.ts";
import { SingleServer } from "./single-server.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { WorkersModel } from "./workers-model.ts";

/** Maximum number of concurrent calls of a lane. */
export const MOST_LANE_CONCURRENCY = SETTINGS.DARKROOM_LANE_CONCURRENCY.max;
const INTERACTIVE_PORTRAITS = 20;

/** Runs one scenario in virtual time. Deterministic. */
export async function simulate(scenario: Scenario): Promise<SimulationResult> {
  const clock = new VirtualClock();
  const random = dice(scenario.seed);
  const redis = new SingleServer<RedisKind>(clock, scenario.latencyMs);
  const lane = new LaneModel();
  const laneConcurrency = Math.min(MOST_LANE_CONCURRENCY, scenario.workers * scenario.slotsPerWorker);
  const common = { clock, redis, lane, scenario, laneConcurrency };
  const workers: WorkersModel = new WorkersModel({ ...common, random, onNudge: () => producer.nudge() });
  const producer: ProducerModel = new ProducerModel({ ...common, onJobs: () => workers.wake() });
  const bulk = Array.from(
    { length: scenario.batches },
    (_, place) =>
      new BatchModel(`bulk-${place}`, Math.floor(scenario.portraits / scenario.batches), {
        every: scenario.pendingEvery ?? 1,
      }),
  );
  producer.batches.push(...bulk);
  workers.start(bulk);
  producer.start();
  const { pollsPerSecond = 0, interactive = 0, warmupMs, measureMs } = scenario;
  if (pollsPerSecond > 0) pollStatus(clock, redis, scenario, pollsPerSecond);
  for (let place = 0; place < interactive; place += 1) {
    clock.at(warmupMs + (measureMs * (place + random())) / interactive, () => {
      producer.batches.push(new BatchModel(`interactive-${place}`, INTERACTIVE_PORTRAITS, { cameAtMs: clock.nowMs }));
      clock.at(clock.nowMs + scenario.latencyMs, () => producer.tell());
    });
  }

  await clock.run(warmupMs);
  const sinceMs = clock.nowMs;
  const settledBefore = workers.settled;
  redis.takeBusyMs();
  redis.takeOperations();
  producer.thread.takeBusyMs();
  lane.takeMeanLength(sinceMs, 0);
  workers.takeMeanCalls(0);
  workers.emptyMs.length = 0;
  producer.feedMs.length = 0;
  producer.roundMs.length = 0;
  if (scenario.whole === true) {
    while (!bulk.every((batch) => batch.isThrough)) await clock.run(clock.nowMs + 10);
  } else {
    await clock.run(sinceMs + measureMs);
  }

  const spanMs = clock.nowMs - sinceMs;
  const busy = redis.takeBusyMs();
  const busyMs = [...busy.values()].reduce((sum, ms) => sum + ms, 0);
  const redisUse = Math.min(1, busyMs / spanMs);
  // Queued operations count towards their most frequent purpose.
  const useBy = Object.fromEntries(
    REDIS_KINDS.map((kind) => [kind, busyMs === 0 ? 0 : ((busy.get(kind) ?? 0) / busyMs) * redisUse]),
  ) as Record<RedisKind, number>;
  const both = (values: number[]) => ({ p50: percentile(values, 0.5), p99: percentile(values, 0.99) });
  return {
    perSecond: ((workers.settled - settledBefore) / spanMs) * 1_000,
    slotUse: workers.takeMeanCalls(sinceMs) / laneConcurrency,
    redisUse,
    operationsPerSecond: (redis.takeOperations() / spanMs) * 1_000,
    redisUseBy: useBy,
    producerUse: Math.min(1, (producer.thread.takeBusyMs().get("own") ?? 0) / spanMs),
    emptyMs: both(workers.emptyMs),
    queued: lane.takeMeanLength(clock.nowMs, sinceMs),
    feedMs: both(producer.feedMs),
    roundMs: both(producer.roundMs),
    interactiveWaitMs: { ...both(workers.interactiveWaitMs), most: percentile(workers.interactiveWaitMs, 1) },
    settled: workers.settled,
    endedAtMs: clock.nowMs,
  };
}

/** Reads of status pages: each reads a batch's record and its lane's state. */
function pollStatus(clock: VirtualClock, redis: SingleServer<RedisKind>, { costs }: Scenario, perSecond: number): void {
  const poll = (): void => {
    redis.ask("status polls", costs.us.readBatch.base + costs.us.readBlocked.base);
    clock.at(clock.nowMs + 1_000 / perSecond, poll);
  };
  clock.at(0, poll);
}
