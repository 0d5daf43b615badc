import type { Command } from "commander";
import { DarkroomError } from "@darkroom/core";
import { toStoreUrl } from "@darkroom/storage/urls";
import { resolveBatchId } from "../api/resolve-batch-id.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { portraitsText } from "../text/portraits-text.ts";

/** `darkroom deliver`. */
export function addDeliverCommand(program: Command, surroundings: Surroundings): void {
  const deliver = program
    .command("deliver")
    .description(
      "Copies the approved results, with their crops, to a final place. Removes copies from there that are no longer approved.",
    )
    .argument("<id>", ID_ARGUMENT)
    .argument("<destination>", "a folder or s3://bucket/prefix/")
    .option(
      "--template <template>",
      "names the copies, such as '{department}/{id}.{ext}'; defaults to the results' names",
    )
    .addHelpText("after", DELIVER_HELP)
    .action(async (id: string, destination: string, options: { template?: string }) => {
      await runAction(surroundings, deliver, (invocation) => deliverTo(invocation, { id, destination, ...options }));
    });
}

interface Wanted {
  readonly id: string;
  readonly destination: string;
  readonly template?: string;
}

async function deliverTo(invocation: Invocation, { id: given, destination, template }: Wanted): Promise<ExitCode> {
  const { terminal, env, signal } = invocation;
  const url = toStoreUrl(destination, env.cwd);
  return await withSession(invocation, undefined, async (session) => {
    const { client } = session;
    if (url.startsWith("file:") && !(await session.placeRules()).seesLocalFiles) {
      throw new DarkroomError(
        "invalid_input",
        `destination: the API does not see this machine's folder ${destination}.`,
        {
          field: "destination",
        },
      );
    }
    const id = await resolveBatchId(client, given);
    const sum = { delivered: 0, unchanged: 0, removed: 0 };
    const problems: { readonly index: number; readonly id: string | null; readonly message: string }[] = [];
    for (let cursor: number | null = 0; cursor !== null;) {
      signal.throwIfAborted();
      const page = await client.deliver(id, {
        destination: url,
        ...(template === undefined ? {} : { template }),
        cursor,
      });
      sum.delivered += page.delivered;
      sum.unchanged += page.unchanged;
      sum.removed += page.removed;
      problems.push(...page.problems);
      cursor = page.nextCursor;
    }
    if (terminal.json) terminal.data({ id, destination: url, ...sum, problems });
    else {
      const removed = sum.removed === 0 ? "" : ` Removed: ${portraitsText(sum.removed)} no longer approved.`;
      const same = sum.unchanged === 0 ? "" : ` ${portraitsText(sum.unchanged)} there already.`;
      terminal.say(`${portraitsText(sum.delivered)} delivered.${same}${removed}`);
      for (const { index, id: name, message } of problems) terminal.say(`  ${name ?? index}: ${message}`);
    }
    return problems.length === 0 ? EXIT.ok : EXIT.completedWithFailures;
  });
}

const DELIVER_HELP = `
Examples:
  $ darkroom deliver last ./handover
  $ darkroom deliver last s3://client/final/ --template '{department}/{id}.{ext}'

Run it again after further decisions, or after an interruption: it copies only what is missing.

With --json: one object with \`delivered\`, \`unchanged\`, \`removed\` and \`problems\`.

Exit codes: 0 all of it is there · 2 no such batch, or a place that cannot be used · 3 some could not be copied ·
5 no API, Redis or store · 1 anything else`;
