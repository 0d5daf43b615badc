import { InvalidArgumentError, Option, type Command } from "commander";
import { COST_GROUPS, usdText, type CostGroup, type Costs, type Spent } from "@darkroom/core";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { tableText } from "../text/table.ts";

interface CostsOptions {
  readonly from?: string;
  readonly to?: string;
  readonly by: CostGroup;
  readonly simulated?: boolean;
}

/** `darkroom costs`. */
export function addCostsCommand(program: Command, surroundings: Surroundings): void {
  const costs = program
    .command("costs")
    .description("Shows costs by the price table: by day (UTC), by lane or by batch.")
    .option("--from <day>", "the first day, like 2026-11-01; defaults to 30 days up to --to", day)
    .option("--to <day>", "the last day; defaults to today", day)
    .addOption(new Option("--by <what>", "group costs by this").choices(COST_GROUPS).default("day"))
    .option("--simulated", "include the simulator's lanes, whose calls cost nothing")
    .addHelpText("after", COSTS_HELP)
    .action(async (options: CostsOptions) => {
      await runAction(surroundings, costs, (invocation) => showCosts(invocation, options));
    });
}

function day(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError("It must be a day like 2026-11-21.");
}

async function showCosts(invocation: Invocation, { from, to, by, simulated = false }: CostsOptions): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const found = await client.costs({
      by,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(simulated ? { simulated } : {}),
    });
    if (terminal.json) return terminal.data(found);
    if (found.rows.length === 0) {
      const leftOut = simulated ? "" : " The simulator's batches are left out; --simulated includes them.";
      return terminal.note(`Nothing was spent from ${found.from} to ${found.to}.${leftOut}`);
    }
    terminal.say(costsText(found));
  });
}

/** Formats costs for the terminal. */
export function costsText({ by, rows, total }: Costs): string {
  const cells = ({ costUsd, lostUsd, maybeUsd }: Spent): string[] => [costUsd, lostUsd, maybeUsd].map(usdText);
  const lines = rows.map((row) => [row.name, ...cells(row)]);
  return tableText([by.toUpperCase(), "COST", "LOST", "MAYBE"], [...lines, ["total", ...cells(total)]]);
}

const COSTS_HELP = `
Examples:
  $ darkroom costs
  $ darkroom costs --from 2026-11-01 --to 2026-11-30 --by lane

COST was paid and delivered. LOST was paid, but nothing was delivered for it. MAYBE is the most that calls
without a known answer may have cost. The simulator's batches cost nothing and are left out. With --json: one object with \`from\`, \`to\`, \`by\`, \`total\` and \`rows\`.

Exit codes: 0 done · 2 bad usage · 5 no API or Redis · 1 anything else`;
