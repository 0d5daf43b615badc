import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** The metrics of one process, in a registry of their own so that several apps can live in one process. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    portraits: new Counter({
      name: "darkroom_portraits_total",
      help: "Portraits that ended, by outcome.",
      labelNames: ["outcome", "provider", "mode"],
      registers,
    }),
    providerCalls: new Counter({
      name: "darkroom_provider_calls_total",
      help: "Provider calls, by the kind of their answer.",
      labelNames: ["provider", "kind"],
      registers,
    }),
    providerSeconds: new Histogram({
      name: "darkroom_provider_call_seconds",
      help: "How long provider calls lasted.",
      labelNames: ["provider"],
      buckets: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800],
      registers,
    }),
    running: new Gauge({
      name: "darkroom_portraits_running",
      help: "Portraits that run in this process.",
      labelNames: ["lane"],
      registers,
    }),
    portraitsWaiting: new Gauge({
      name: "darkroom_portraits_waiting",
      help: "Portraits of a lane that were put off, by what they wait for; told by the producer that feeds the lane.",
      labelNames: ["lane", "reason"],
      registers,
    }),
    laneBlocked: new Gauge({
      name: "darkroom_lane_blocked",
      help: "1 while a lane is blocked for this reason.",
      labelNames: ["lane", "reason"],
      registers,
    }),
    laneWorkers: new Gauge({
      name: "darkroom_lane_workers",
      help: "Worker processes that serve a lane; told by the API.",
      labelNames: ["lane"],
      registers,
    }),
    laneConcurrency: new Gauge({
      name: "darkroom_lane_concurrency",
      help: "Calls at once that a lane's gate lets through at present.",
      labelNames: ["lane"],
      registers,
    }),
    laneRate: new Gauge({
      name: "darkroom_lane_rate_per_minute",
      help: "Calls a minute that a lane's gate lets through at present; absent without a limit.",
      labelNames: ["lane"],
      registers,
    }),
    laneHeldSeconds: new Gauge({
      name: "darkroom_lane_held_seconds",
      help: "How long a lane will still begin no call because its provider asked for it.",
      labelNames: ["lane"],
      registers,
    }),
    laneThrottled: new Counter({
      name: "darkroom_lane_throttled_total",
      help: "Calls that a provider refused for its limits, by cause.",
      labelNames: ["lane", "cause"],
      registers,
    }),
    laneNarrowed: new Counter({
      name: "darkroom_lane_narrowed_total",
      help: "Times that a lane's limits were narrowed after a refusal.",
      labelNames: ["lane"],
      registers,
    }),
    laneProbes: new Counter({
      name: "darkroom_lane_probes_total",
      help: "Probes of a blocked lane, by what they found.",
      labelNames: ["lane", "found"],
      registers,
    }),
    destinationProbes: new Counter({
      name: "darkroom_destination_probes_total",
      help: "Write probes of destinations, by what they found.",
      labelNames: ["found"],
      registers,
    }),
    destinationsBlocked: new Gauge({
      name: "darkroom_destinations_blocked",
      help: "Destinations of live batches that take no writes, by reason; told by the producer.",
      labelNames: ["reason"],
      registers,
    }),
    unstored: new Gauge({
      name: "darkroom_portraits_unstored",
      help: "Portraits of live batches that are paid for and not stored yet; told by the producer.",
      registers,
    }),
    unstoredUsd: new Gauge({
      name: "darkroom_unstored_usd",
      help: "What was paid for portraits that are not stored yet; told by the producer.",
      registers,
    }),
    scheduleSuccess: new Gauge({
      name: "darkroom_schedule_last_run_success",
      help: "1 where a schedule's last run that has ended is completed, 0 where it failed or was skipped; told by the producer.",
      labelNames: ["schedule"],
      registers,
    }),
    scheduleRunAt: new Gauge({
      name: "darkroom_schedule_last_run_timestamp_seconds",
      help: "When a schedule's last run that has ended began, in Unix time; told by the producer.",
      labelNames: ["schedule"],
      registers,
    }),
    dispatchQueued: new Gauge({
      name: "darkroom_lane_window",
      help: "Portraits of a lane that are queued or running.",
      labelNames: ["lane"],
      registers,
    }),
    ingestRows: new Counter({ name: "darkroom_ingest_rows_total", help: "Rows read into snapshots.", registers }),
    outcomesDrained: new Counter({
      name: "darkroom_outcomes_drained_total",
      help: "Outcome lines moved into reports.",
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
