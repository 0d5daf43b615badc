import { InvalidArgumentError, Option, type Command } from "commander";
import { SCOPES, type Scope } from "@darkroom/access/scopes";
import type { IssuedKey, KeyLimits, KeyView } from "../api/api-views.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { parseDurationMs } from "../options/duration.ts";
import { toStoreUrl } from "@darkroom/storage";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { momentText } from "../text/machine-time.ts";
import { tableText } from "../text/table.ts";

interface CreateOptions {
  readonly scope: readonly Scope[];
  readonly expires?: string;
  readonly tenant?: string;
  readonly allTenants?: boolean;
  readonly source?: readonly string[];
  readonly destination?: readonly string[];
  readonly lane?: readonly string[];
  readonly callsPerMinute?: number;
  readonly rowsPerDay?: number;
  readonly usdPerDay?: number;
}

/** `darkroom keys`, which is `darkroom keys list`, and `create`, `rotate` and `revoke`. */
export function addKeysCommand(program: Command, surroundings: Surroundings): void {
  const keys = program.command("keys").description("Manages API keys. Without a subcommand, lists them.");

  const list = keys
    .command("list", { isDefault: true })
    .description("Lists the API keys, newest first, with their last use.")
    .addHelpText("after", "\nExample:\n  $ darkroom keys\n\nWith --json: one object with `keys`.")
    .action(async () => {
      await runAction(surroundings, list, listKeys);
    });

  const create = keys
    .command("create")
    .description("Creates an API key and prints it. It is shown only once.")
    .argument("<name>", "whose key it is")
    .addOption(new Option("--scope <scopes...>", "what it may do").choices(SCOPES).makeOptionMandatory())
    .option("--tenant <tenant>", "whose it is: the key sees only this tenant's batches; defaults to yours")
    .addOption(new Option("--all-tenants", "the key sees all tenants").conflicts("tenant"))
    .option("--source <prefixes...>", "folders or prefixes that it may read from (s3://bucket/prefix/), or any")
    .option("--destination <prefixes...>", "prefixes that its results may go to, or any")
    .option("--lane <names...>", "accounts that it may use; acme-* for all that begin so")
    .option("--calls-per-minute <n>", "calls of the API a minute", amount)
    .option("--rows-per-day <n>", "rows of submissions in a UTC day", amount)
    .option("--usd-per-day <usd>", "the most that the batches of a UTC day may cost", amount)
    .option("--expires <duration>", "how long it works, like 90d; defaults to forever")
    .addHelpText("after", CREATE_HELP)
    .action(async (name: string, options: CreateOptions) => {
      await runAction(surroundings, create, (invocation) => createKey(invocation, name, options));
    });

  const rotate = keys
    .command("rotate")
    .description("Gives a key a new secret and prints it. The former secret works until the grace ends.")
    .argument("<id>", "its id, as `darkroom keys` shows it")
    .option("--grace <duration>", "how long both secrets work; 0s ends the former one at once", "24h")
    .addHelpText("after", "\nExample:\n  $ darkroom keys rotate 4mC0fPz81KqA --grace 24h")
    .action(async (id: string, { grace }: { readonly grace: string }) => {
      await runAction(surroundings, rotate, (invocation) => rotateKey(invocation, id, grace));
    });

  const revoke = keys
    .command("revoke")
    .description("Revokes a key at once and for good. Batches that it has submitted continue.")
    .argument("<id>", "its id, as `darkroom keys` shows it")
    .addHelpText("after", "\nExample:\n  $ darkroom keys revoke 4mC0fPz81KqA")
    .action(async (id: string) => {
      await runAction(surroundings, revoke, (invocation) => revokeKey(invocation, id));
    });
}

async function listKeys(invocation: Invocation): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const keys: KeyView[] = [];
    for await (const key of client.keys()) keys.push(key);
    if (terminal.json) return terminal.data({ keys });
    if (keys.length === 0)
      return terminal.note("There is no key yet. Create one: darkroom keys create NAME --scope read");
    terminal.say(keysText(keys));
  });
}

async function createKey(invocation: Invocation, name: string, options: CreateOptions): Promise<void> {
  const { scope, expires, tenant, allTenants } = options;
  const whose = allTenants === true ? { tenant: "*" } : tenant === undefined ? {} : { tenant };
  const expiresMs = expires === undefined ? undefined : durationMs("--expires", expires);
  await withSession(invocation, undefined, async ({ client }) => {
    const expiresAt = expiresMs === undefined ? {} : { expiresAt: new Date(Date.now() + expiresMs).toISOString() };
    show(
      invocation,
      await client.createKey({
        name,
        scopes: scope,
        limits: limitsOf(options, invocation.env.cwd),
        ...whose,
        ...expiresAt,
      }),
    );
  });
}

async function rotateKey(invocation: Invocation, id: string, grace: string): Promise<void> {
  const seconds = /^0[a-z]*$/.test(grace) ? 0 : Math.ceil(durationMs("--grace", grace) / 1_000);
  await withSession(invocation, undefined, async ({ client }) => {
    const key = await client.rotateKey(id, seconds);
    show(invocation, key);
    const { formerUntil } = key;
    const former = formerUntil === null ? "no longer works" : `works until ${momentText(formerUntil)}`;
    invocation.terminal.note(`The former secret ${former}.`);
  });
}

async function revokeKey(invocation: Invocation, id: string): Promise<void> {
  const { terminal } = invocation;
  await withSession(invocation, undefined, async ({ client }) => {
    const key = await client.revokeKey(id);
    if (terminal.json) return terminal.data(key);
    terminal.say(`The key ${key.id} (${key.name}) is revoked.`);
  });
}

function limitsOf(options: CreateOptions, cwd: string): KeyLimits {
  const { source, destination, lane, callsPerMinute, rowsPerDay, usdPerDay } = options;
  return {
    ...(source === undefined ? {} : { sources: prefixesOf(source, cwd) }),
    ...(destination === undefined ? {} : { destinations: prefixesOf(destination, cwd) }),
    ...(lane === undefined ? {} : { lanes: lane }),
    ...(callsPerMinute === undefined ? {} : { callsPerMinute }),
    ...(rowsPerDay === undefined ? {} : { rowsPerDay }),
    ...(usdPerDay === undefined ? {} : { usdPerDay }),
  };
}

/** Accepts folders as paths, like every other place. */
function prefixesOf(typed: readonly string[], cwd: string): "any" | readonly string[] {
  if (typed.includes("any")) return "any";
  return typed.map((place) => (place.includes("://") ? place : toStoreUrl(place, cwd)));
}

function amount(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

/** Prints only the key on stdout, so that a script can store the key. */
function show({ terminal }: Invocation, issued: IssuedKey): void {
  if (terminal.json) terminal.data(issued);
  else terminal.say(issued.key);
  terminal.note(`Keep this key now: it is not shown again. Its id is ${issued.id}.`);
}

/** Formats the keys as a table, with their tenants only if there are several. */
export function keysText(keys: readonly KeyView[]): string {
  const hasTenants = new Set(keys.map(({ tenant }) => tenant)).size > 1;
  const head = ["KEY", "NAME", ...(hasTenants ? ["TENANT"] : []), "SCOPES", "STATE", "LAST USED"];
  return tableText(
    head,
    keys.map((key) => keyRow(key, hasTenants)),
  );
}

function keyRow(key: KeyView, hasTenants: boolean): string[] {
  const { id, name, tenant, scopes, state, expiresAt, formerUntil, lastUsedAt, lastUsedFrom } = key;
  const until = state === "active" && expiresAt !== null ? ` until ${momentText(expiresAt)}` : "";
  const both = formerUntil === null ? "" : `, both secrets until ${momentText(formerUntil)}`;
  const used = lastUsedAt === null ? "never" : `${momentText(lastUsedAt)} from ${lastUsedFrom ?? "an unknown address"}`;
  return [id, name, ...(hasTenants ? [tenant] : []), scopes.join(" "), `${state}${until}${both}`, used];
}

function durationMs(option: string, text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined) return ms;
  throw new CommandError(
    EXIT.usage,
    `${option}: "${text}" is not a duration; write it with its unit, like 24h or 90d.`,
  );
}

const CREATE_HELP = `
Examples:
  $ darkroom keys create "Night job" --scope submit
  $ darkroom keys create Auditor --scope read --expires 30d
  $ darkroom keys create "Acme Ltd" --tenant acme --scope submit manage --source s3://acme/raw/ \\
      --destination s3://acme/done/ --usd-per-day 50

A tenant sees only its own batches, schedules, costs and keys.

Scopes: read (see), submit (and quote), review (approve pilots, answer questions), manage (steer batches, schedules),
admin (everything, keys included). Each includes read. stdout gets the key alone; Darkroom stores only a hash of it.
Programs send it as "Authorization: Bearer <key>"; this command line takes it from DARKROOM_API_KEY.

Exit codes: 0 done · 2 bad usage · 5 no API or Redis`;
