import { parseArgs } from "node:util";
import { bringTestServers } from "@darkroom/testkit";
import { runChaos } from "./run-chaos.ts";
import { LONG_FORM, SHORT_FORM } from "./forms.ts";

const HELP = `Usage: npm run chaos -- [options]

Takes one batch of portraits through the twin while worker and producer processes are killed and frozen, Redis is
killed and frozen, the object store refuses and cuts, and the provider fails; then checks that every promise was kept.

  --portraits <count>  how many (default 5000)
  --seed <text>        repeats the blows and faults of an earlier run (default: a new one)
  --minutes <count>    how long blows fall at most (default 10)
  --forgetful          the provider also loses answers that it has billed: those lines must say "maybe"; without it
                       nothing may be billed twice
  --short              as in the test suite: 600 portraits, blows for 20 s
`;

const { values } = parseArgs({
  options: {
    portraits: { type: "string" },
    seed: { type: "string", default: Date.now().toString(36) },
    minutes: { type: "string" },
    forgetful: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const form = values.short ? SHORT_FORM : LONG_FORM;
const portraits = Number(values.portraits ?? form.portraits);
const minutes = Number(values.minutes ?? form.blowsForMs / 60_000);
if (values.help) process.stdout.write(HELP);
else if (!Number.isSafeInteger(portraits) || portraits < 1 || !(minutes > 0)) {
  process.stderr.write(`--portraits must be a whole number from 1, --minutes above 0.\n\n${HELP}`);
  process.exitCode = 2;
} else await main();

async function main(): Promise<void> {
  const close = await bringTestServers();
  try {
    const startedAt = performance.now();
    const say = (line: string): void => {
      process.stdout.write(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(7)}  ${line}\n`);
    };
    const same = process.argv.slice(2).filter((word) => word !== "--seed" && word !== values.seed);
    say(`to repeat it: npm run chaos -- --seed ${[values.seed, ...same].join(" ")}`);
    const result = await runChaos({
      ...form,
      portraits,
      blowsForMs: minutes * 60_000,
      seed: values.seed,
      forgetful: values.forgetful,
      say,
    });
    process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    process.exitCode = result.findings.length === 0 ? 0 : 1;
  } finally {
    await close();
  }
}
