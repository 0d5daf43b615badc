import { atLeast, defineBenchmark, median } from "../benchmark.ts";
import { takeRounds, type Round } from "../overhead/take-rounds.ts";

export const overhead = defineBenchmark({
  name: "overhead",
  title: "the whole path with an instant provider, against a script and against plain BullMQ",
  sizes: { portraits: 1_000, concurrency: 50, rounds: 9 },
  tinySizes: { portraits: 20, concurrency: 5, rounds: 1 },
  run: async ({ portraits, concurrency, rounds: wanted }, say) => {
    const rounds = await takeRounds({ concurrency }, portraits, wanted, say);
    const middle = (of: (round: Round) => number): number => median(rounds.map(of));
    return {
      figures: [
        {
          name: "Darkroom against the script",
          value: middle(({ ours, script }) => ours.perSecond / script.perSecond),
          unit: "×",
          target: atLeast(0.8),
        },
        {
          name: "plain BullMQ against the script",
          value: middle(({ bullmq, script }) => bullmq.perSecond / script.perSecond),
          unit: "×",
        },
        { name: "Darkroom", value: middle(({ ours }) => ours.perSecond), unit: "portraits/s" },
        { name: "the script", value: middle(({ script }) => script.perSecond), unit: "portraits/s" },
        { name: "plain BullMQ", value: middle(({ bullmq }) => bullmq.perSecond), unit: "portraits/s" },
        { name: "the script's CPU a portrait", value: middle(({ script }) => script.cpuUs), unit: "µs" },
        {
          name: "Darkroom's CPU a portrait, Redis included",
          value: middle(({ ours }) => ours.cpuUs + ours.redisCpuUs),
          unit: "µs",
        },
        {
          name: "plain BullMQ's CPU a portrait, Redis included",
          value: middle(({ bullmq }) => bullmq.cpuUs + bullmq.redisCpuUs),
          unit: "µs",
        },
      ],
      notes: [
        `Medians of ${wanted} rounds in one run, alternating; small pictures in a local folder (in /dev/shm if present); concurrency ${concurrency}.`,
        "All three programs list the photos, look for the result, probe, call, fetch, check, write and clear the session.",
        "Rates: from submission to the last portrait's end. CPU: up to the report; `cpu` measures the share of queue and ledger.",
      ],
    };
  },
});
