import { expect, it } from "vitest";
import { createLogger } from "@darkroom/runtime";
import { logEnd, logPutOff } from "./log-portrait.ts";

const WHICH = { batch: "01k9", portrait: 7, lane: "each-sense" };

function linesOf(log: (logger: ReturnType<typeof createLogger>) => void): readonly Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  log(createLogger({ level: "info", name: "test", destination }));
  return lines;
}

it("logs a failed attempt and a failed portrait with the cause, and no signed link", () => {
  const url = "https://cdn.example/a.jpg?X-Amz-Signature=abc";
  const lines = linesOf((log) => {
    logPutOff(log, WHICH, { reason: "provider_retry", delayMs: 15_000, message: `HTTP 503 at ${url}` });
    logEnd(log, WHICH, {
      code: "timeout",
      billed: "maybe",
      message: "no answer",
      attempts: 5,
      providerMs: 1,
      costUsd: null,
    });
  });
  expect(lines).toMatchObject([
    { ...WHICH, msg: "portrait put off", reason: "provider_retry", delayMs: 15_000 },
    { ...WHICH, msg: "portrait failed", outcome: "timeout", billed: "maybe", cause: "no answer" },
  ]);
  expect(JSON.stringify(lines)).not.toContain("Signature=abc");
});

it("logs nothing at level info about portraits that end well or wait for their turn", () => {
  const good = { code: "ok", billed: "yes", message: "", attempts: 1, providerMs: 1, costUsd: 0.2 } as const;
  expect(
    linesOf((log) => {
      logEnd(log, WHICH, good);
      logPutOff(log, WHICH, { reason: "rate_limit", delayMs: 1_000 });
    }),
  ).toEqual([]);
});
