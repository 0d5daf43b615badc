import { confirm, isCancel } from "@clack/prompts";
import { Option, type Command } from "commander";
import { MAX_NOTE_CHARS } from "@darkroom/core";
import type { RedoneView } from "../api/api-views.ts";
import { resolveBatchId } from "../api/resolve-batch-id.ts";
import { CommandError, EXIT, Interrupted, type ExitCode } from "../exit-codes.ts";
import { followBatch } from "../follow/follow-batch.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { providerForLane } from "../options/provider-choice.ts";
import { twinBatchOption } from "../options/twin-batch-option.ts";
import { resultOptions, selectedResults, type ResultOptions } from "../options/result-options.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { batchJson } from "../text/batch-json.ts";
import { portraitsText } from "../text/portraits-text.ts";
import { openedText } from "./retry.ts";

interface RedoOptions extends ResultOptions {
  readonly note: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly detach?: boolean;
  readonly twin?: boolean;
}

/** `darkroom redo`. */
export function addRedoCommand(program: Command, surroundings: Surroundings): void {
  const redo = program
    .command("redo")
    .description("Orders other results with a note, and watches until they are done. Each portrait is paid once more.")
    .argument("<id>", ID_ARGUMENT)
    .addOption(
      new Option(
        "--note <words>",
        `what should be different, at most ${MAX_NOTE_CHARS} characters`,
      ).makeOptionMandatory(),
    );
  for (const option of resultOptions()) redo.addOption(option);
  redo
    .option("--dry-run", "only show the price")
    .option("--yes", "do not ask first")
    .option("--detach", "only order them; do not watch")
    .addOption(twinBatchOption())
    .addHelpText("after", REDO_HELP)
    .action(async (id: string, options: RedoOptions) => {
      await runAction(surroundings, redo, (invocation) => redoResults(invocation, id, options));
    });
}

async function redoResults(invocation: Invocation, given: string, options: RedoOptions): Promise<ExitCode> {
  const { env, terminal } = invocation;
  const wanted = { note: options.note, ...selectedResults(options, "redo") };
  return await withSession(invocation, undefined, async (session) => {
    const { client, kind } = session;
    const before = await client.status(await resolveBatchId(client, given));
    const provider = () => providerForLane(env, options.twin === true, before.lane);
    const request = { ...wanted, revision: before.review.revision };
    const price = await client.redo(before.id, { ...request, dryRun: true });
    if (options.dryRun === true) {
      if (terminal.json) terminal.data({ id: before.id, portraits: price.portraits, costUsd: price.costUsd });
      else terminal.say(priceText(price));
      return EXIT.ok;
    }
    // If no process can do the work, no portrait must be reopened.
    if (kind === "own" && options.detach !== true) provider();
    if (options.yes !== true && !(await mayPay(invocation, price))) {
      terminal.say(`Batch ${before.id} is unchanged.`);
      return EXIT.ok;
    }
    const { batch } = await client.redo(before.id, request);
    if (options.detach !== true) return await followBatch(invocation, session, { batch, provider });
    if (terminal.json) terminal.data(batchJson(batch, null));
    else terminal.say(`Batch ${batch.id} ${openedText(batch, kind)}`);
    return EXIT.ok;
  });
}

function priceText({ portraits, costUsd }: RedoneView): string {
  return `${portraitsText(portraits)}: ${costUsd === null ? "no price is known" : `${costUsd} USD`}`;
}

async function mayPay({ terminal, signal }: Invocation, price: RedoneView): Promise<boolean> {
  if (!terminal.canAsk) throw new CommandError(EXIT.usage, "There is no terminal to ask at: add --yes to order them.");
  const { stdin: input, stderr: output } = terminal.streams;
  const message = `${priceText(price)}. Order other results? The present ones stay until then.`;
  const yes = await confirm({ message, initialValue: false, input, output, signal });
  if (isCancel(yes)) throw new Interrupted();
  return yes;
}

const REDO_HELP = `
Examples:
  $ darkroom redo last --note "warmer light, and no shadow on the wall" --portrait anna.jpg
  $ darkroom redo last --note "lighter background" --only rejected --dry-run

With --json: as darkroom retry; with --dry-run one object with \`portraits\` and \`costUsd\`.

Exit codes: 0 all done · 2 no such batch or portrait, or not within its budget · 3 done, some portraits failed ·
4 cancelled or failed · 5 no API or Redis · 6 it waits for you · 130 interrupted · 1 anything else`;
