import { InvalidArgumentError, type Command } from "commander";
import type { FeedEvent } from "@darkroom/core";
import { resolveBatchId } from "../api/resolve-batch-id.ts";
import { followFeed } from "../follow/follow-feed.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { momentText } from "../text/machine-time.ts";

interface EventsOptions {
  readonly batch?: string;
  readonly after: string;
  readonly follow?: boolean;
}

/** `darkroom events`. */
export function addEventsCommand(program: Command, surroundings: Surroundings): void {
  const events = program
    .command("events")
    .description("Lists what has happened to the batches, oldest first, as far as it is kept.")
    .option("--batch <id>", "only this batch: the start of its id, or `last`")
    .option("--after <position>", "only what came after this position, as --json shows it", position, "0")
    .option("-f, --follow", "keep listing what happens, until Ctrl-C or the batch's end")
    .addHelpText("after", EVENTS_HELP)
    .action(async (options: EventsOptions) => {
      await runAction(surroundings, events, (invocation) => listEvents(invocation, options));
    });
}

function position(text: string): string {
  if (text === "0" || /^\d+-\d+$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a position as --json shows it, such as 1796090000123-0.");
}

async function listEvents(invocation: Invocation, { batch, after, follow = false }: EventsOptions): Promise<void> {
  const { terminal, signal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const batchId = batch === undefined ? undefined : await resolveBatchId(client, batch);
    let count = 0;
    for await (const message of followFeed({ client, batchId, after, follow, signal })) {
      if (message.kind === "gap") terminal.note(GAPS[message.reason]);
      if (message.kind !== "event") continue;
      count += 1;
      const { event } = message;
      if (terminal.json) terminal.data({ position: message.position, ...event });
      else terminal.say(eventText(event));
    }
    if (count === 0) terminal.note("There are no events.");
  });
}

const GAPS = {
  trimmed: "Some events after this position are not kept any more.",
  rewritten: "Redis has lost its last events: some of the following may be known.",
} as const;

/** Length of a batch's id. */
const BATCH_LETTERS = 26;

/** Formats an event as one line. */
export function eventText({ at, batch, type, data }: FeedEvent): string {
  const details = Object.entries(data).map(([name, value]) => `${name} ${String(value)}`);
  return `${momentText(at)}  ${batch ?? "".padEnd(BATCH_LETTERS)}  ${type.padEnd(27)}  ${details.join(", ")}`.trimEnd();
}

const EVENTS_HELP = `
Examples:
  $ darkroom events --batch last
  $ darkroom events --follow --json | jq -r 'select(.type == "batch.paused") | .data.reason'

With --json: a line of JSON for each event, as docs/api.md describes them, with its \`position\`.

Exit codes: 0 listed · 2 no such batch or position · 5 no API or Redis · 130 interrupted`;
