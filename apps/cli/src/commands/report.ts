import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Option, type Command } from "commander";
import type { ReportFile } from "../api/api-views.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { deliveredFiles } from "../text/delivered-files.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { resolveBatchId } from "../api/resolve-batch-id.ts";

interface ReportOptions {
  readonly csv?: boolean;
  readonly jsonl?: boolean;
  readonly failures?: boolean;
  readonly delivered?: boolean;
  readonly output?: string;
}

/** `darkroom report`. */
export function addReportCommand(program: Command, surroundings: Surroundings): void {
  const report = program
    .command("report")
    .description("Prints one line per portrait of a batch that has ended.")
    .argument("<id>", ID_ARGUMENT)
    .addOption(new Option("--csv", "as CSV; the default").conflicts(["jsonl", "failures", "delivered"]))
    .addOption(new Option("--jsonl", "as JSON lines").conflicts(["failures", "delivered"]))
    .addOption(new Option("--failures", "the failed portraits only, as CSV").conflicts("delivered"))
    .addOption(new Option("--delivered", "the files of the delivered portraits only, one a line"))
    .option("-o, --output <file>", "into this file; defaults to stdout")
    .addHelpText("after", REPORT_HELP)
    .action(async (id: string, options: ReportOptions) => {
      await runAction(surroundings, report, (invocation) => giveReport(invocation, id, options));
    });
}

async function giveReport(invocation: Invocation, given: string, options: ReportOptions): Promise<void> {
  const { terminal, env, signal } = invocation;
  if (terminal.json && options.output === undefined) {
    throw new CommandError(
      EXIT.usage,
      "With --json, name a file for the report: -o report.csv; or use --jsonl for JSON lines.",
    );
  }
  const file = fileOf(options);
  await withSession(invocation, undefined, async ({ client }) => {
    const id = await resolveBatchId(client, given);
    const report = await client.report(id, file);
    const body = options.delivered === true ? Readable.from(deliveredFiles(report)) : report;
    if (options.output === undefined) {
      await pipeline(body, terminal.streams.stdout, { end: false, signal });
      return;
    }
    const path = resolve(env.cwd, options.output);
    await saveTo(path, body, signal);
    if (terminal.json) terminal.data({ id, file: path });
    else terminal.say(path);
  });
}

function fileOf({ failures, jsonl, delivered }: ReportOptions): ReportFile {
  if (failures === true) return "failures.csv";
  return jsonl === true || delivered === true ? "report.jsonl" : "report.csv";
}

/** Saves atomically: a temporary file is renamed when it is complete. */
export async function saveTo(path: string, body: Readable, signal: AbortSignal): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.part`;
  try {
    await pipeline(body, createWriteStream(temporary), { signal });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const REPORT_HELP = `
Examples:
  $ darkroom report last -o report.csv
  $ darkroom report last --failures
  $ darkroom report last --delivered | tar -C enhanced -cf pictures.tar -T -

The files of --delivered are paths below the destination: pictures, variations and crops. An older file that the destination
still has under the name of a failed portrait is not among them.

The columns are separated as DARKROOM_CSV_SEPARATOR said when the batch ended.
Excel in a locale with decimal commas needs DARKROOM_CSV_SEPARATOR=semicolon.

With --json and -o: one object with \`id\` and \`file\`.

Exit codes: 0 done · 2 no such batch, or it has not ended · 5 no API or Redis · 1 anything else`;
