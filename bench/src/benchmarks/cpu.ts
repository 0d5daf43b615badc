import { atMost, defineBenchmark, median } from "../benchmark.ts";
import { takeRounds, type Round } from "../overhead/take-rounds.ts";

/**
 * Checking a picture costs many times more than the queue, and the cost varies equally. The provider therefore returns
 * each photo unchanged: queue and ledger do all their work, and none of the three contenders decodes a picture.
 */
export const cpu = defineBenchmark({
  name: "cpu",
  title: "CPU that queue and ledger add to a portrait, and what plain BullMQ adds",
  sizes: { portraits: 10_000, concurrency: 50, rounds: 5, slowPortraits: 800, slowMs: 450, slowRounds: 3 },
  tinySizes: { portraits: 20, concurrency: 5, rounds: 1, slowPortraits: 10, slowMs: 20, slowRounds: 1 },
  run: async ({ portraits, concurrency, rounds: wanted, slowPortraits, slowMs, slowRounds }, say) => {
    const rounds = await takeRounds({ concurrency, echo: true }, portraits, wanted, say);
    const middle = (of: (round: Round) => number): number => median(rounds.map(of));
    const slow = await takeRounds({ concurrency, echo: true, latencyMs: slowMs }, slowPortraits, slowRounds, say);
    const pace = median(slow.map(({ ours }) => ours.perSecond));
    return {
      figures: [
        {
          name: "CPU added to a portrait by queue and ledger, Redis included",
          value: middle(added),
          unit: "µs",
          target: atMost(400),
        },
        {
          name: "of it in worker and producer",
          value: middle(({ ours, script }) => ours.cpuUs - script.cpuUs),
          unit: "µs",
        },
        { name: "of it in Redis", value: middle(({ ours }) => ours.redisCpuUs), unit: "µs", target: atMost(120) },
        {
          name: "CPU added to a portrait by plain BullMQ, Redis included",
          value: middle(({ bullmq, script }) => bullmq.cpuUs - script.cpuUs + bullmq.redisCpuUs),
          unit: "µs",
        },
        {
          name: "added by Darkroom, against plain BullMQ",
          value: middle((round) => added(round) / (round.bullmq.cpuUs - round.script.cpuUs + round.bullmq.redisCpuUs)),
          unit: "×",
          target: atMost(1.25),
        },
        { name: "of it in Redis, plain BullMQ", value: middle(({ bullmq }) => bullmq.redisCpuUs), unit: "µs" },
        {
          name: `added by Darkroom at ${Math.round(pace)} portraits a second`,
          value: median(slow.map(added)),
          unit: "µs",
        },
        { name: "the script's own CPU a portrait", value: middle(({ script }) => script.cpuUs), unit: "µs" },
      ],
      notes: [
        `Medians of ${wanted} rounds in one run, alternating, after rounds that warm up until the CPU is steady; concurrency ${concurrency}; an instant provider returns each photo unchanged, so no picture is decoded (\`unchanged_output\`). So each portrait ends as failed, and its event in the batch's feed is part of the cost.`,
        "All three programs list the photos, look for the result, probe, call, fetch, compare and clear the session. CPU: user and system time of all threads, up to the report.",
        `At the slower pace each answer takes ${slowMs} ms, over ${slowRounds} rounds: fewer answers come together through a socket, and what a producer does every quarter of a second is shared by fewer portraits.`,
      ],
    };
  },
});

function added({ ours, script }: Round): number {
  return ours.cpuUs - script.cpuUs + ours.redisCpuUs;
}
