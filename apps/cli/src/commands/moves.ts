import type { Command } from "commander";
import { batchLine } from "../batch-line.ts";
import type { Move } from "../client.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { ID_ARGUMENT } from "./status.ts";

const MOVES: Readonly<Record<Move, { readonly summary: string; readonly done: string }>> = {
  pause: {
    summary: "take no more portraits of a batch; what runs is finished",
    done: "is paused; what runs is finished. Go on with: darkroom resume",
  },
  resume: { summary: "go on with a paused batch", done: "goes on. See it with: darkroom watch" },
  cancel: {
    summary: "end a batch: what waits is never started",
    done: "is cancelled; what was delivered stays. See it with: darkroom status",
  },
};

/** `darkroom pause`, `resume` and `cancel`. */
export function addMoveCommands(program: Command, surroundings: Surroundings): void {
  for (const move of Object.keys(MOVES) as Move[]) {
    const { summary } = MOVES[move];
    const command = program
      .command(move)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .argument("<id>", ID_ARGUMENT);
    if (move !== "resume") command.option("--reason <words>", "shown in the batch's status");
    command
      .addHelpText(
        "after",
        `\nExample:\n  $ darkroom ${move} last\n\nExit codes: 0 done · 2 no such batch, or it has ended · 5 no API or Redis`,
      )
      .action(async (id: string, { reason }: { reason?: string }) => {
        await runAction(surroundings, command, (invocation) => makeMove(invocation, move, id, reason));
      });
  }
}

async function makeMove(invocation: Invocation, move: Move, given: string, reason: string | undefined): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const status = await client.move(await client.resolveId(given), move, reason);
    if (terminal.json) terminal.data(batchLine(status, null));
    else terminal.say(`Batch ${status.id} ${MOVES[move].done} ${status.id}`);
  });
}
