import { InvalidArgumentError, Option, type Command } from "commander";
import type { LinkView } from "../api/api-views.ts";
import { resolveBatchId } from "../api/resolve-batch-id.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { momentText } from "../text/machine-time.ts";
import { tableText } from "../text/table.ts";

interface LinkOptions {
  readonly for?: string;
  readonly days?: number;
  readonly review?: boolean;
  readonly downloads?: boolean;
  readonly revoke?: string;
}

/** `darkroom link`. */
export function addLinkCommand(program: Command, surroundings: Surroundings): void {
  const link = program
    .command("link")
    .description("Makes a link by which a client sees one batch, or lists such links.")
    .argument("<id>", ID_ARGUMENT)
    .option("--for <name>", "make a link for this client, and print it; it is shown only once")
    .addOption(new Option("--days <n>", "how long it works, 1 to 365").argParser(readDays).default(14))
    .option("--review", "the client may approve and reject")
    .option("--downloads", "the client may save the results")
    .addOption(new Option("--revoke <link>", "revoke the link with this id at once").conflicts("for"))
    .addHelpText("after", LINK_HELP)
    .action(async (id: string, options: LinkOptions) => {
      await runAction(surroundings, link, (invocation) => runLink(invocation, id, options));
    });
}

/** The API of a single command ends with it, and its links with it. */
const NO_API =
  "A link leads to a running API. Start one (npm start) or name one (DARKROOM_API_URL), then make the link.";

function readDays(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError("It must be a whole number of days.");
  return Number(text);
}

async function runLink(invocation: Invocation, given: string, options: LinkOptions): Promise<void> {
  const { terminal } = invocation;
  const { for: name, revoke, days = 14, review = false, downloads = false } = options;
  if (name === undefined && (review || downloads)) {
    throw new CommandError(EXIT.usage, "--review and --downloads belong to --for.");
  }
  await withSession(invocation, undefined, async ({ client, kind }) => {
    const id = await resolveBatchId(client, given);
    if (name !== undefined) {
      if (kind === "own") throw new CommandError(EXIT.usage, NO_API);
      const made = await client.createLink(id, { name, days, review, downloads });
      const url = `${client.url.replace(/\/+$/, "")}${made.path}`;
      if (terminal.json) terminal.data({ ...made, url });
      else terminal.say(url);
      terminal.note(`Keep this link now: it is not shown again. Revoke it: darkroom link ${id} --revoke ${made.id}`);
    } else if (revoke !== undefined) {
      const link = await client.revokeLink(id, revoke);
      if (terminal.json) terminal.data(link);
      else terminal.say(`The link ${link.id} (${link.name}) is revoked.`);
    } else {
      const links = await client.links(id);
      if (terminal.json) return terminal.data({ links });
      if (links.length === 0) return terminal.note(`There is no link yet. Make one: darkroom link ${id} --for NAME`);
      terminal.say(tableText(["LINK", "FOR", "MAY", "STATE", "LAST OPENED"], links.map(linkRow)));
    }
  });
}

function linkRow({ id, name, review, downloads, state, expiresAt, lastUsedAt }: LinkView): string[] {
  const may = ["see", ...(review ? ["review"] : []), ...(downloads ? ["save"] : [])].join(", ");
  const until = state === "active" && expiresAt !== null ? ` until ${momentText(expiresAt)}` : "";
  return [id, name, may, `${state}${until}`, lastUsedAt === null ? "never" : momentText(lastUsedAt)];
}

const LINK_HELP = `
Examples:
  $ darkroom link last --for "Acme Ltd" --review
  $ darkroom link last
  $ darkroom link last --revoke 4mC0fPz81KqA

Whoever has the link sees the batch's photos and results, and nothing else: no costs, no places, no other batch. The
link leads to the API that this command calls, so that API must be reachable for the client.

Exit codes: 0 done · 2 bad usage · 5 no API or Redis`;
