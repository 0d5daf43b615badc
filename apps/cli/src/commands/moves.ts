import { Option, type Command } from "commander";
import { batchJson } from "../batch-json.ts";
import { usdText } from "../batch-line.ts";
import type { Move, MoveWords } from "../api-views.ts";
import { maxCostOption } from "../limit-options.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { ID_ARGUMENT } from "./status.ts";
import { resolveBatchId } from "../resolve-batch-id.ts";

interface MoveOptions {
  readonly reason?: string;
  readonly maxCost?: number;
}

interface MoveTexts {
  readonly summary: string;
  readonly done: string;
  /** Whether somebody has to do the work now. */
  readonly goesOn: boolean;
  readonly option?: () => Option;
}

const reason = (): Option => new Option("--reason <words>", "shown in the batch's status");

const MOVES: Readonly<Record<Move, MoveTexts>> = {
  confirm: { summary: "let a batch that waits for confirmation begin", done: "begins", goesOn: true },
  approve: { summary: "let a batch go on whose pilot you have looked at", done: "goes on with the rest", goesOn: true },
  pause: {
    summary: "take no more portraits of a batch; what runs is finished",
    done: "is paused; what runs is finished. Go on with: darkroom resume",
    goesOn: false,
    option: reason,
  },
  resume: {
    summary: "go on with a paused batch",
    done: "goes on",
    goesOn: true,
    option: () => maxCostOption("its budget from now on; needed when the budget has paused it"),
  },
  cancel: {
    summary: "end a batch: what waits is never started",
    done: "is cancelled; what was delivered stays. See it with: darkroom status",
    goesOn: false,
    option: reason,
  },
};

/** `darkroom confirm`, `approve`, `pause`, `resume` and `cancel`. */
export function addMoveCommands(program: Command, surroundings: Surroundings): void {
  for (const move of Object.keys(MOVES) as Move[]) {
    const { summary, option } = MOVES[move];
    const command = program
      .command(move)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .argument("<id>", ID_ARGUMENT);
    if (option !== undefined) command.addOption(option());
    command
      .addHelpText(
        "after",
        `\nExample:\n  $ darkroom ${move} last${move === "resume" ? " --max-cost 40" : ""}\n\nExit codes: 0 done · 2 no such batch, or its state does not allow it · 5 no API or Redis`,
      )
      .action(async (id: string, options: MoveOptions) => {
        await runAction(surroundings, command, (invocation) => makeMove(invocation, move, id, options));
      });
  }
}

async function makeMove(invocation: Invocation, move: Move, given: string, options: MoveOptions): Promise<void> {
  const { terminal } = invocation;
  const words: MoveWords = {
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.maxCost === undefined ? {} : { maxCostUsd: options.maxCost }),
  };
  await withSession(invocation, undefined, async ({ client, kind }) => {
    const status = await client.move(await resolveBatchId(client, given), move, words);
    if (terminal.json) return terminal.data(batchJson(status, null));
    const { done, goesOn } = MOVES[move];
    const watch =
      kind === "own" ? "Nobody does its work at present; do it with: darkroom watch" : "See it with: darkroom watch";
    const { maxCostUsd } = status;
    const budget =
      options.maxCost === undefined || maxCostUsd === null ? "" : ` with a budget of ${usdText(maxCostUsd)}`;
    terminal.say(`Batch ${status.id} ${goesOn ? `${done}${budget}. ${watch}` : done} ${status.id}`);
  });
}
