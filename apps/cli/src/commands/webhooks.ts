import { InvalidArgumentError, type Command } from "commander";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeliveryView, IssuedWebhook, WebhookView } from "../api/webhook-client.ts";
import { CommandError, EXIT, type ExitCode } from "../exit-codes.ts";
import { parseDurationMs } from "../options/duration.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { momentText } from "../text/machine-time.ts";
import { tableText } from "../text/table.ts";
import { deliveryRow, webhookRow, webhookText } from "../text/webhook-text.ts";
import { addListenCommand } from "./webhooks-listen.ts";

/** Time within which a test message is attempted, in ms. */
const TEST_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 300;
const DEFAULT_DELIVERIES = 20;
const MAX_DELIVERIES = 200;

interface EndpointOptions {
  readonly description?: string;
  readonly event?: readonly string[];
  readonly tenant?: string;
  readonly allTenants?: boolean;
}

/** `darkroom webhooks`, which is `darkroom webhooks list`, and its other subcommands. */
export function addWebhooksCommand(program: Command, surroundings: Surroundings): void {
  const webhooks = program
    .command("webhooks")
    .description("Manages URLs that get the events of batches. Without a subcommand, lists them.");

  /** Adds a subcommand about one webhook. */
  const about = (name: string, description: string): Command =>
    webhooks.command(name).description(description).argument("<id>", "its id, as `darkroom webhooks` shows it");

  const list = webhooks
    .command("list", { isDefault: true })
    .description("Lists the webhooks, newest first.")
    .addHelpText("after", "\nExample:\n  $ darkroom webhooks\n\nWith --json: one object with `webhooks`.")
    .action(async () => {
      await runAction(surroundings, list, listWebhooks);
    });

  const create = webhooks
    .command("create")
    .description("Creates a webhook and prints its secret. It is shown only once.")
    .argument("<url>", "where events are sent: https://…")
    .option("--event <types...>", "types of events; defaults to all except portrait.failed")
    .option("--description <text>", "what it is for")
    .option("--tenant <tenant>", "whose events; defaults to yours")
    .option("--all-tenants", "the events of all tenants")
    .addHelpText("after", CREATE_HELP)
    .action(async (url: string, options: EndpointOptions) => {
      await runAction(surroundings, create, (invocation) => createWebhook(invocation, url, options));
    });

  const show = about("show", "Shows a webhook, and why its deliveries fail.")
    .addHelpText("after", example("show"))
    .action(async (id: string) => {
      await runAction(surroundings, show, (invocation) =>
        changeAndShow(invocation, (session) => session.client.webhooks.show(id)),
      );
    });

  const update = about("update", "Changes a webhook.")
    .option("--url <url>", "where events are sent")
    .option("--event <types...>", "types of events; `default` for all except portrait.failed")
    .option("--description <text>", "what it is for")
    .addHelpText("after", example("update", "--event batch.completed batch.failed"))
    .action(async (id: string, { url, event, description }: EndpointOptions & { readonly url?: string }) => {
      const events = event === undefined ? {} : { events: event.includes("default") ? null : event };
      const change = {
        ...(url === undefined ? {} : { url }),
        ...events,
        ...(description === undefined ? {} : { description }),
      };
      await runAction(surroundings, update, (invocation) =>
        changeAndShow(invocation, (session) => session.client.webhooks.change(id, change)),
      );
    });

  const enable = about("enable", "Enables a webhook. It continues at once where it stopped.")
    .option("--skip-waiting", "drop everything that waits, and send later events only")
    .addHelpText("after", example("enable"))
    .action(async (id: string, { skipWaiting = false }: { readonly skipWaiting?: boolean }) => {
      await runAction(surroundings, enable, (invocation) =>
        changeAndShow(invocation, (session) => session.client.webhooks.change(id, { enabled: true, skipWaiting })),
      );
    });

  const disable = about("disable", "Disables a webhook. Its events wait until it is enabled.")
    .addHelpText("after", example("disable"))
    .action(async (id: string) => {
      await runAction(surroundings, disable, (invocation) =>
        changeAndShow(invocation, (session) => session.client.webhooks.change(id, { enabled: false })),
      );
    });

  const remove = about("delete", "Deletes a webhook with everything that waits.")
    .addHelpText("after", example("delete"))
    .action(async (id: string) => {
      await runAction(surroundings, remove, async (invocation) => {
        await withSession(invocation, undefined, ({ client }) => client.webhooks.remove(id));
        if (invocation.terminal.json) invocation.terminal.data({ id, deleted: true });
        else invocation.terminal.say(`The webhook ${id} is deleted.`);
      });
    });

  const rotate = about(
    "rotate",
    "Gives a webhook a new secret and prints it. The former one signs too until the grace ends.",
  )
    .option("--grace <duration>", "how long both secrets sign; 0s ends the former one at once", "24h")
    .addHelpText("after", example("rotate", "--grace 24h"))
    .action(async (id: string, { grace }: { readonly grace: string }) => {
      await runAction(surroundings, rotate, (invocation) => rotateSecret(invocation, id, grace));
    });

  const deliveries = about("deliveries", "Lists the last attempts of a webhook, newest first.")
    .option("--limit <n>", `how many, at most ${MAX_DELIVERIES}`, count, DEFAULT_DELIVERIES)
    .addHelpText("after", `${example("deliveries")}\n\nWith --json: one object with \`deliveries\`.`)
    .action(async (id: string, { limit }: { readonly limit: number }) => {
      await runAction(surroundings, deliveries, (invocation) => listDeliveries(invocation, id, limit));
    });

  const resend = about("resend", "Sends one event, or all events since a time, again with the same webhook-ids.")
    .option("--delivery <id>", "send the event of this delivery, at once")
    .option("--since <time>", "send all events since this time, in order: 2h, or 2026-11-21T10:00:00Z")
    .addHelpText(
      "after",
      `${example("resend", "--since 2h")}\n  $ darkroom webhooks resend ${ID} --delivery 1796090000123-0`,
    )
    .action(async (id: string, options: ResendOptions) => {
      await runAction(surroundings, resend, (invocation) => resendEvents(invocation, id, options));
    });

  const test = about("test", "Sends a message of type webhook.test, and says how it was answered.")
    .addHelpText(
      "after",
      `${example("test")}\n\nExit codes: 0 delivered · 1 not delivered · 2 bad usage · 5 no API or Redis`,
    )
    .action(async (id: string) => {
      await runAction(surroundings, test, (invocation) => testWebhook(invocation, id));
    });

  addListenCommand(webhooks, surroundings);
}

async function listWebhooks(invocation: Invocation): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const webhooks = await client.webhooks.list();
    if (terminal.json) return terminal.data({ webhooks });
    if (webhooks.length === 0)
      return terminal.note("There is no webhook yet. Create one: darkroom webhooks create https://example.com/hooks");
    terminal.say(
      tableText(["WEBHOOK", "URL", "TENANT", "STATE", "WAITING", "LAST DELIVERED"], webhooks.map(webhookRow)),
    );
  });
}

async function createWebhook(invocation: Invocation, url: string, options: EndpointOptions): Promise<void> {
  const { event, description, tenant, allTenants } = options;
  await withSession(invocation, undefined, async ({ client }) => {
    const made = await client.webhooks.create({
      url,
      ...(event === undefined ? {} : { events: event }),
      ...(description === undefined ? {} : { description }),
      ...(allTenants === true ? { tenant: "*" } : tenant === undefined ? {} : { tenant }),
    });
    showSecret(invocation, made);
  });
}

async function rotateSecret(invocation: Invocation, id: string, grace: string): Promise<void> {
  const graceMs = /^0[a-z]*$/.test(grace) ? 0 : durationMs("--grace", grace);
  await withSession(invocation, undefined, async ({ client }) => {
    const webhook = await client.webhooks.rotate(id, Math.ceil(graceMs / 1_000));
    showSecret(invocation, webhook);
    const { formerUntil } = webhook;
    const former = formerUntil === null ? "no longer signs" : `signs too until ${momentText(formerUntil)}`;
    invocation.terminal.note(`The former secret ${former}.`);
  });
}

async function changeAndShow(
  invocation: Invocation,
  change: (session: Parameters<Parameters<typeof withSession>[2]>[0]) => Promise<WebhookView>,
): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async (session) => {
    const webhook = await change(session);
    if (terminal.json) terminal.data(webhook);
    else terminal.say(webhookText(webhook));
  });
}

async function listDeliveries(invocation: Invocation, id: string, limit: number): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const deliveries = await client.webhooks.deliveries(id, limit);
    if (terminal.json) return terminal.data({ deliveries });
    if (deliveries.length === 0) return terminal.note("Nothing was sent yet.");
    terminal.say(tableText(["DELIVERY", "AT", "TYPE", "EVENT", "ATTEMPT", "RESULT"], deliveries.map(deliveryRow)));
  });
}

interface ResendOptions {
  readonly delivery?: string;
  readonly since?: string;
}

async function resendEvents(invocation: Invocation, id: string, { delivery, since }: ResendOptions): Promise<void> {
  const { terminal } = invocation;
  if ((delivery === undefined) === (since === undefined)) {
    throw new CommandError(EXIT.usage, "Name either --delivery or --since.");
  }
  await withSession(invocation, undefined, async ({ client }) => {
    if (delivery !== undefined) {
      const message = await client.webhooks.resendOne(id, delivery);
      if (terminal.json) return terminal.data({ message });
      return terminal.say(`The event is sent again as ${message}. See darkroom webhooks deliveries ${id}.`);
    }
    const webhook = await client.webhooks.resendSince(id, momentOf(since ?? ""));
    if (terminal.json) return terminal.data(webhook);
    terminal.say(`The events are sent again. See darkroom webhooks deliveries ${id}.`);
  });
}

async function testWebhook(invocation: Invocation, id: string): Promise<ExitCode> {
  const { terminal, signal } = invocation;
  return await withSession(invocation, undefined, async ({ client }) => {
    const message = await client.webhooks.test(id);
    const until = performance.now() + TEST_WITHIN_MS;
    let attempt: DeliveryView | undefined;
    while (attempt === undefined && performance.now() < until) {
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      attempt = (await client.webhooks.deliveries(id, MAX_DELIVERIES)).find((each) => each.message === message);
    }
    if (terminal.json) terminal.data({ message, delivery: attempt ?? null });
    else if (attempt === undefined) {
      terminal.say(`The test was not sent within ${TEST_WITHIN_MS / 1_000} s. Is a producer running?`);
    } else if (attempt.outcome === "delivered") {
      terminal.say(`The test was delivered: HTTP ${attempt.status ?? ""} after ${attempt.durationMs} ms.`);
    } else terminal.say(`The test failed: ${attempt.failure ?? "no answer"}. It is tried again later.`);
    return attempt?.outcome === "delivered" ? EXIT.ok : EXIT.unexpected;
  });
}

/** Prints only the secret on stdout, so that a script can store it. */
function showSecret({ terminal }: Invocation, issued: IssuedWebhook): void {
  if (terminal.json) terminal.data(issued);
  else terminal.say(issued.secret);
  terminal.note(`Keep this secret now: it is not shown again. The webhook's id is ${issued.id}.`);
}

/** Returns a time as ISO 8601, from such a text or a duration before now. */
function momentOf(text: string): string {
  const ms = parseDurationMs(text);
  if (ms !== undefined) return new Date(Date.now() - ms).toISOString();
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new CommandError(
    EXIT.usage,
    `--since: "${text}" is neither a duration like 2h nor a time like 2026-11-21T10:00:00Z.`,
  );
}

function durationMs(option: string, text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined) return ms;
  throw new CommandError(EXIT.usage, `${option}: "${text}" is not a duration; write it with its unit, like 24h.`);
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_DELIVERIES) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_DELIVERIES}.`);
}

const ID = "wh_4f1c09d27a6b8e35";

function example(name: string, rest = ""): string {
  return `\nExample:\n  $ darkroom webhooks ${name} ${ID}${rest === "" ? "" : ` ${rest}`}`;
}

const CREATE_HELP = `
Examples:
  $ darkroom webhooks create https://example.com/hooks
  $ darkroom webhooks create https://example.com/hooks --event batch.completed batch.failed --tenant acme

Deliveries follow the Standard Webhooks specification (docs/webhooks.md). stdout gets the secret alone.

Exit codes: 0 done · 2 bad usage · 5 no API or Redis`;
