import { Option, type Command } from "commander";
import { usdText, type BatchStatus } from "@darkroom/core";
import { batchJson } from "../text/batch-json.ts";
import { reportPlace } from "../text/batch-line.ts";
import { afterCancelText, dropsCalls, mayCancel } from "../follow/ask-cancel.ts";
import { endCancelled } from "../follow/end-cancelled.ts";
import type { Move, MoveWords } from "../api/api-views.ts";
import { maxCostOption } from "../options/limit-options.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { resolveBatchId } from "../api/resolve-batch-id.ts";
import type { Session } from "../local-stack/session.ts";
import { whoEnds, whoGoesOn } from "../follow/who-works.ts";

interface MoveOptions {
  readonly reason?: string;
  readonly maxCost?: number;
  readonly yes?: boolean;
}

interface MoveTexts {
  readonly description: string;
  readonly done: string;
  /** Formats the next step and its command. */
  readonly next: (status: BatchStatus, kind: Session["kind"]) => string;
  readonly options?: () => readonly Option[];
}

const reason = (): Option => new Option("--reason <words>", "shown in the batch's status");

const MOVES: Readonly<Record<Move, MoveTexts>> = {
  confirm: { description: "Starts a batch that waits for confirmation.", done: "begins", next: whoGoesOn },
  approve: {
    description: "Approves the pilot and continues the batch.",
    done: "continues with the rest",
    next: whoGoesOn,
  },
  pause: {
    description: "Pauses a batch. Portraits in flight finish.",
    done: "is paused; portraits in flight finish",
    next: ({ id }) => `Continue with: darkroom resume ${id}`,
    options: () => [reason()],
  },
  resume: {
    description: "Continues a paused batch.",
    done: "continues",
    next: whoGoesOn,
    options: () => [maxCostOption("its budget from now on; needed when the budget has paused it")],
  },
  cancel: {
    description:
      "Ends a batch. Pending portraits never start. At a terminal it asks first if portraits are with the provider. If no process works on the batch, this command ends it and writes its report, in at most a minute.",
    done: "is cancelled; delivered results stay",
    next: whoEnds,
    options: () => [reason(), new Option("--yes", "do not ask first if portraits are with the provider")],
  },
};

/** `darkroom confirm`, `approve`, `pause`, `resume` and `cancel`. */
export function addMoveCommands(program: Command, surroundings: Surroundings): void {
  for (const move of Object.keys(MOVES) as Move[]) {
    const { description, options } = MOVES[move];
    const command = program.command(move).description(description).argument("<id>", ID_ARGUMENT);
    for (const option of options?.() ?? []) command.addOption(option);
    command
      .addHelpText(
        "after",
        `\nExample:\n  $ darkroom ${move} last${move === "resume" ? " --max-cost 40" : ""}\n\nExit codes: 0 done · 2 no such batch, or its state does not allow it · 5 no API or Redis`,
      )
      .action(async (id: string, given: MoveOptions) => {
        await runAction(surroundings, command, (invocation) => makeMove(invocation, move, id, given));
      });
  }
}

async function makeMove(invocation: Invocation, move: Move, given: string, options: MoveOptions): Promise<void> {
  const { terminal } = invocation;
  const words: MoveWords = {
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.maxCost === undefined ? {} : { maxCostUsd: options.maxCost }),
  };
  await withSession(invocation, undefined, async (session) => {
    const { client, kind } = session;
    const id = await resolveBatchId(client, given);
    const before = move === "cancel" ? await client.status(id) : undefined;
    const dropping = before !== undefined && dropsCalls(before) ? before : undefined;
    const asks = dropping !== undefined && terminal.canAsk && options.yes !== true;
    if (asks && !(await mayCancel(invocation, client, dropping))) return terminal.say(`Batch ${id} is not cancelled.`);
    const moved = await client.move(id, move, words);
    if (dropping !== undefined && !asks) terminal.note(afterCancelText(dropping));
    const status = move === "cancel" ? await endCancelled(invocation, session, moved) : moved;
    if (terminal.json) return terminal.data(batchJson(status, reportPlace(status, client.url)));
    const { done, next } = MOVES[move];
    const { maxCostUsd } = status;
    const budget =
      options.maxCost === undefined || maxCostUsd === null ? "" : ` with a budget of ${usdText(maxCostUsd)}`;
    terminal.say(`Batch ${status.id} ${done}${budget}. ${next(status, kind)}`);
  });
}
