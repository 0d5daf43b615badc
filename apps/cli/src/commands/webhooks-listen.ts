import { InvalidArgumentError, type Command } from "commander";
import { messageOf, type FeedEvent } from "@darkroom/core";
import { GuardedPosts } from "@darkroom/web-fetch";
import { DEFAULT_EVENTS, messageOfEvent, newWebhookSecret, signedHeaders } from "@darkroom/webhooks";
import { followFeed } from "../follow/follow-feed.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { momentText } from "../text/machine-time.ts";

interface ListenOptions {
  readonly forwardTo: URL;
  readonly event?: readonly string[];
}

/** `darkroom webhooks listen`. */
export function addListenCommand(webhooks: Command, surroundings: Surroundings): void {
  const listen = webhooks
    .command("listen")
    .description("Forwards events to a program on this machine, signed like a webhook, until Ctrl-C.")
    .requiredOption("--forward-to <url>", "where they are sent: http://localhost:3000/hooks", url)
    .option("--event <types...>", "types of events; defaults to all except portrait.failed")
    .addHelpText("after", LISTEN_HELP)
    .action(async (options: ListenOptions) => {
      await runAction(surroundings, listen, (invocation) => forwardEvents(invocation, options));
    });
}

async function forwardEvents(invocation: Invocation, { forwardTo, event: types }: ListenOptions): Promise<void> {
  const { terminal, signal } = invocation;
  const wanted: readonly string[] = types ?? DEFAULT_EVENTS;
  const secret = newWebhookSecret();
  const posts = new GuardedPosts({ allowPrivate: true });
  const forward = async (position: string, event: FeedEvent): Promise<void> => {
    const { id, body } = messageOfEvent("listen", position, event);
    const headers = signedHeaders([secret], { id, atMs: Date.now(), body });
    const result = await posts.post(forwardTo, { headers, body, signal }).then(
      ({ status }) => ({ status, failure: null }),
      (error: unknown) => {
        signal.throwIfAborted();
        return { status: null, failure: messageOf(error) };
      },
    );
    if (terminal.json) terminal.data({ ...(JSON.parse(body) as object), ...result });
    else {
      const said = result.failure ?? `HTTP ${result.status ?? ""}`;
      terminal.say(`${momentText(event.at)}  ${event.batch ?? ""}  ${event.type}  ${said}`);
    }
  };
  try {
    await withSession(invocation, undefined, async ({ client }) => {
      terminal.note(`The signing secret of this run is ${secret}`);
      terminal.note(`Forwarding events to ${forwardTo.href} until Ctrl-C.`);
      // No event has this position, so the feed continues with its newest one.
      const after = `${Date.now()}-0`;
      for await (const message of followFeed({ client, after, follow: true, signal })) {
        if (message.kind !== "event" || !wanted.includes(message.event.type)) continue;
        await forward(message.position, message.event);
      }
    });
  } finally {
    await posts.close();
  }
}

function url(text: string): URL {
  const parsed = URL.parse(text);
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed;
  throw new InvalidArgumentError("It must be a URL such as http://localhost:3000/hooks.");
}

const LISTEN_HELP = `
Example:
  $ darkroom webhooks listen --forward-to http://localhost:3000/hooks

The events come from the API's stream, so no webhook is needed. The secret is new at each start. An event that the program does
not accept is not sent again.

Exit codes: 2 bad usage · 5 no API or Redis · 130 interrupted`;
