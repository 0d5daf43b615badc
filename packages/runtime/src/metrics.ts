import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** The metrics of one process, in their own registry, so that several apps can run in one process. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    portraits: new Counter({
      name: "darkroom_portraits_total",
      help: "Portraits that finished, by outcome.",
      labelNames: ["outcome", "provider", "mode"],
      registers,
    }),
    providerCalls: new Counter({
      name: "darkroom_provider_calls_total",
      help: "Provider calls, by type of answer.",
      labelNames: ["provider", "kind"],
      registers,
    }),
    providerSeconds: new Histogram({
      name: "darkroom_provider_call_seconds",
      help: "Duration of provider calls.",
      labelNames: ["provider"],
      buckets: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800],
      registers,
    }),
    running: new Gauge({
      name: "darkroom_portraits_running",
      help: "Portraits running in this process.",
      labelNames: ["lane"],
      registers,
    }),
    portraitsWaiting: new Gauge({
      name: "darkroom_portraits_waiting",
      help: "Portraits of a lane that were put off, by what they wait for; reported by the producer that feeds the lane.",
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
      help: "Worker processes that serve a lane; reported by the API.",
      labelNames: ["lane"],
      registers,
    }),
    laneConcurrency: new Gauge({
      name: "darkroom_lane_concurrency",
      help: "Concurrent calls that a lane's gate currently allows.",
      labelNames: ["lane"],
      registers,
    }),
    laneRate: new Gauge({
      name: "darkroom_lane_rate_per_minute",
      help: "Calls per minute that a lane's gate currently allows; absent without a limit.",
      labelNames: ["lane"],
      registers,
    }),
    laneHeldSeconds: new Gauge({
      name: "darkroom_lane_held_seconds",
      help: "Time for which a lane starts no call because its provider asked it to wait.",
      labelNames: ["lane"],
      registers,
    }),
    laneThrottled: new Counter({
      name: "darkroom_lane_throttled_total",
      help: "Calls that a provider refused because of its limits, by cause.",
      labelNames: ["lane", "cause"],
      registers,
    }),
    laneNarrowed: new Counter({
      name: "darkroom_lane_narrowed_total",
      help: "Times that a lane's limits were reduced after a refusal.",
      labelNames: ["lane"],
      registers,
    }),
    laneProbes: new Counter({
      name: "darkroom_lane_probes_total",
      help: "Probes of a blocked lane, by result.",
      labelNames: ["lane", "found"],
      registers,
    }),
    destinationProbes: new Counter({
      name: "darkroom_destination_probes_total",
      help: "Write probes of destinations, by result.",
      labelNames: ["found"],
      registers,
    }),
    destinationsBlocked: new Gauge({
      name: "darkroom_destinations_blocked",
      help: "Destinations of live batches that accept no writes, by reason; reported by the producer.",
      labelNames: ["reason"],
      registers,
    }),
    unstored: new Gauge({
      name: "darkroom_portraits_unstored",
      help: "Portraits of live batches that are paid but not stored yet; reported by the producer.",
      registers,
    }),
    unstoredUsd: new Gauge({
      name: "darkroom_unstored_usd",
      help: "Amount paid for portraits that are not stored yet; reported by the producer.",
      registers,
    }),
    webhooksDisabled: new Gauge({
      name: "darkroom_webhooks_disabled",
      help: "Webhooks that were disabled because they failed or answered 410; reported by the producer that delivers.",
      registers,
    }),
    webhookMessagesWaiting: new Gauge({
      name: "darkroom_webhook_messages_waiting",
      help: "Messages that wait for their delivery; reported by the producer that delivers.",
      registers,
    }),
    webhookAttempts: new Counter({
      name: "darkroom_webhook_attempts_total",
      help: "Attempts to deliver a message, by outcome.",
      labelNames: ["outcome"],
      registers,
    }),
    scheduleSuccess: new Gauge({
      name: "darkroom_schedule_last_run_success",
      help: "1 if a schedule's last finished run completed, 0 if it failed or was skipped; reported by the producer.",
      labelNames: ["schedule"],
      registers,
    }),
    scheduleRunAt: new Gauge({
      name: "darkroom_schedule_last_run_timestamp_seconds",
      help: "Start of a schedule's last finished run, in Unix time; reported by the producer.",
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
