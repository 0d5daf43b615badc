import { expect, it } from "vitest";
import { runChaos } from "./run-chaos.ts";
import { SHORT_FORM } from "./forms.ts";

it(
  "keeps every promise while workers, producers, Redis, the store and the provider fail at once",
  { timeout: 300_000 },
  async () => {
    const seed = process.env["DARKROOM_TEST_CHAOS_SEED"] ?? "short";
    const said: string[] = [];
    const result = await runChaos({
      ...SHORT_FORM,
      seed,
      forgetful: false,
      say: (line) => said.push(line),
    });
    expect(result.findings, `seed ${seed}\n${said.join("\n")}`).toEqual([]);
    expect(result.lines).toBe(SHORT_FORM.portraits);
    // Verifies that the run had the intended faults.
    for (const kind of ["kill-worker", "kill-producer", "freeze-worker", "storm-store"] as const)
      expect(result.blows[kind]).toBeGreaterThan(0);
    expect((result.blows["kill-redis"] ?? 0) + (result.blows["freeze-redis"] ?? 0)).toBeGreaterThan(1);
    expect(Object.values(result.storeFaults).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
    expect(result.providerFaults).toBeGreaterThan(20);
    expect(result.watch.httpAnswers).toBeGreaterThan(20);
    expect(result.watch.ledgerAnswers).toBeGreaterThan(20);
  },
);
