import { confirm, isCancel } from "@clack/prompts";
import type { Command } from "commander";
import { batchKeys, isEnded, type BatchStatus } from "@darkroom/core";
import { joinUrl } from "@darkroom/storage/urls";
import prettyBytes from "pretty-bytes";
import { resolveBatchId } from "../api/resolve-batch-id.ts";
import { CommandError, EXIT, Interrupted } from "../exit-codes.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { progressText, shownPlace } from "../text/batch-line.ts";

interface CleanOptions {
  readonly report?: boolean;
  readonly yes?: boolean;
}

/** `darkroom clean`. */
export function addCleanCommand(program: Command, surroundings: Surroundings): void {
  const clean = program
    .command("clean")
    .description(
      "Deletes the working files of a batch that has ended, and forgets it. Its results, the list of their names and its report stay. It cannot be retried afterwards.",
    )
    .argument("<id>", ID_ARGUMENT)
    .option("--report", "also delete the report, and paid pictures that could not be delivered")
    .option("--yes", "do not ask first")
    .addHelpText("after", CLEAN_HELP)
    .action(async (id: string, options: CleanOptions) => {
      await runAction(surroundings, clean, (invocation) => cleanBatch(invocation, id, options));
    });
}

async function cleanBatch(invocation: Invocation, given: string, options: CleanOptions): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const status = await client.status(await resolveBatchId(client, given));
    const { id, state } = status;
    // The API refuses to clean a batch that has not ended, and names the commands that end it.
    if (isEnded(state) && options.yes !== true && !(await mayClean(invocation, status, options.report === true))) {
      return terminal.say(`Batch ${id} is unchanged.`);
    }
    const cleaned = await client.clean(id, options.report === true ? "delete" : "keep");
    if (terminal.json) return terminal.data(cleaned);
    const { files, bytes } = cleaned;
    const what = `${files} working ${files === 1 ? "file" : "files"} (${prettyBytes(bytes)})`;
    terminal.say(`Batch ${id} is forgotten, and ${what} of it are deleted. Its results stay in ${place(status)}`);
    terminal.say(`batch.json and a list of the results' names stay in ${folderOf(status)}`);
  });
}

/** Asks before it deletes anything. Without a terminal, the user must confirm with an option. */
async function mayClean(
  { terminal, signal }: Invocation,
  status: BatchStatus,
  deletesReport: boolean,
): Promise<boolean> {
  if (!terminal.canAsk) {
    throw new CommandError(EXIT.usage, "There is no terminal to ask at: add --yes to delete the working files.");
  }
  const { stdin: input, stderr: output } = terminal.streams;
  const folder = folderOf(status);
  const report = deletesReport ? "Its report is deleted, too." : "Its report stays.";
  terminal.note(`Batch ${status.id} has ended: ${progressText(status)}. Its results stay in ${place(status)}`);
  const message = `Delete its working files under ${folder} and forget it? It cannot be retried then. ${report}`;
  const yes = await confirm({ message, initialValue: false, input, output, signal });
  if (isCancel(yes)) throw new Interrupted();
  return yes;
}

function folderOf({ id, destination }: BatchStatus): string {
  return shownPlace(joinUrl(destination, batchKeys(id).base));
}

function place({ destination }: BatchStatus): string {
  return shownPlace(destination);
}

const CLEAN_HELP = `
Examples:
  $ darkroom clean last
  $ darkroom clean 01k9 --report --yes

It keeps batch.json and the list of the results' names (snapshot/), by which Darkroom tells results from photos; it removes
all else from that list. With --json: one object with \`id\`, \`files\` and \`bytes\`. Which other files it leaves, and which
of them may be deleted: see docs/first-batch.md.

Exit codes: 0 done · 2 no such batch, or it has not ended · 5 no API or Redis · 1 anything else`;
