import { messageOf } from "@darkroom/core";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { paint } from "../text/paint.ts";
import type { Invocation } from "../run-command.ts";
import { allChecks } from "./checks.ts";
import type { CheckResult } from "./check-result.ts";
import type { Place } from "./check-store.ts";

const MARKS: Readonly<Record<CheckResult["result"], string>> = { ok: "ok     ", warning: "warning", failed: "FAILED " };
const TONES = { ok: "good", warning: "warning", failed: "bad" } as const;
/** Checks whose failure makes everything else unreachable. */
const REACHING = ["Redis", "API"];

/** Runs all checks sequentially, and prints each result. */
export async function runDoctor({ env, terminal, signal }: Invocation, place: Place | undefined): Promise<ExitCode> {
  const all: ({ readonly name: string } & CheckResult)[] = [];
  for (const { name, run } of allChecks(env, place)) {
    signal.throwIfAborted();
    const results = await run().catch((error: unknown): CheckResult => ({
      result: "failed",
      message: messageOf(error),
    }));
    for (const result of [results].flat()) {
      all.push({ name, ...result });
      if (!terminal.json)
        terminal.say(
          `${paint(terminal.streams.stdout, TONES[result.result], MARKS[result.result])}  ${name.padEnd(9)} ${result.message}`,
        );
    }
  }
  if (terminal.json) terminal.data({ checks: all });
  const bad = all.filter(({ result }) => result === "failed");
  if (bad.length === 0) return EXIT.ok;
  terminal.note(`${bad.length} ${bad.length === 1 ? "thing needs" : "things need"} your attention.`);
  if (bad.some(({ name }) => REACHING.includes(name))) return EXIT.unreachable;
  return bad.some(({ name }) => name === "settings") ? EXIT.usage : EXIT.unexpected;
}
