import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { resolveBatchId } from "../api/resolve-batch-id.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { saveTo } from "./report.ts";

interface ResultsOptions {
  readonly zip: string;
  readonly approved?: boolean;
}

/** `darkroom results`. */
export function addResultsCommand(program: Command, surroundings: Surroundings): void {
  const results = program
    .command("results")
    .description("Saves the results that are there now, with their crops, as a ZIP.")
    .argument("<id>", ID_ARGUMENT)
    .requiredOption("--zip <file>", "into this file")
    .option("--approved", "only results that are approved as they are now")
    .addHelpText("after", RESULTS_HELP)
    .action(async (id: string, options: ResultsOptions) => {
      await runAction(surroundings, results, (invocation) => saveResults(invocation, id, options));
    });
}

async function saveResults(invocation: Invocation, given: string, { zip, approved }: ResultsOptions): Promise<void> {
  const { terminal, env, signal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const id = await resolveBatchId(client, given);
    const path = resolve(env.cwd, zip);
    await saveTo(path, await client.results(id, approved === true ? "approved" : "all"), signal);
    const { size } = await stat(path);
    if (terminal.json) terminal.data({ id, file: path, sizeBytes: size });
    else terminal.say(path);
  });
}

const RESULTS_HELP = `
The files are named as at the destination. A result that another batch has replaced is left out.

Examples:
  $ darkroom results last --zip team.zip
  $ darkroom results last --zip handover.zip --approved`;
