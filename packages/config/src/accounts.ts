import { readFileSync } from "node:fs";
import { isTwinLane, messageOf, PROVIDERS, TWIN_LANE, type ProviderName } from "@darkroom/core";
import { z } from "zod";
import type { EnvironmentReader } from "./read-environment.ts";
import { PLANS, planLimits } from "./plans.ts";

/** Restricted, because Redis keys and metric labels contain the lane. */
const LANE = /^[a-z0-9](?:[a-z0-9._-]{0,58}[a-z0-9])?$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * An additional account from `DARKROOM_ACCOUNTS`. The list never contains the key itself, because the list may be
 * logged.
 */
const accountSchema = z
  .strictObject({
    lane: z.string().regex(LANE, { error: "must be 1 to 60 lower-case letters, digits, dots, dashes or _" }),
    provider: z.enum(PROVIDERS),
    keyVariable: z.string().regex(VARIABLE, { error: "must be the name of an environment variable" }).optional(),
    keyFile: z.string().min(1).optional(),
    baseUrl: z.url({ protocol: /^https?$/, error: "must be a URL that begins with http:// or https://" }).optional(),
    dialect: z.enum(["chat", "chat-completions"]).optional(),
    responseMode: z.enum(["bytes", "urls"]).optional(),
    plan: z.enum(PLANS).optional(),
    concurrency: z.int().min(1).max(100_000).optional(),
    ratePerMinute: z.int().min(1).max(1_000_000).optional(),
  })
  .refine(({ keyVariable, keyFile }) => (keyVariable === undefined) !== (keyFile === undefined), {
    error: "must have exactly one of keyVariable and keyFile; the key itself does not belong in the list",
  })
  .refine(({ provider, dialect }) => dialect === undefined || provider === "each-sense", {
    error: "has a dialect, which only each-sense supports",
    path: ["dialect"],
  })
  .refine(({ provider, responseMode }) => responseMode === undefined || provider === "phota", {
    error: "has a responseMode, which only phota supports",
    path: ["responseMode"],
  })
  .refine(({ provider, plan }) => plan === undefined || provider === "each-sense", {
    error: "has a plan, which only each-sense supports",
    path: ["plan"],
  });

/** An additional account with its key. */
export interface ListedAccount {
  readonly lane: string;
  readonly provider: ProviderName;
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
  readonly dialect: "chat" | "chat-completions" | undefined;
  readonly responseMode: "bytes" | "urls" | undefined;
  readonly concurrency: number;
  readonly ratePerMinute: number | undefined;
}

/** Limits for an account whose entry and plan state none. */
export interface CommonLimits {
  readonly concurrency: number;
  readonly ratePerMinute?: number;
}

/**
 * Reads the accounts from `DARKROOM_ACCOUNTS` or the file at `DARKROOM_ACCOUNTS_FILE`, which are added to the default
 * accounts. Reports problems to the reader.
 */
export function readListedAccounts(read: EnvironmentReader, common: CommonLimits): readonly ListedAccount[] {
  const list = readList(read);
  if (list === undefined) return [];
  const accounts: ListedAccount[] = [];
  for (const [place, entry] of list.entries.entries()) {
    const parsed = accountSchema.safeParse(entry);
    if (!parsed.success) {
      for (const { path, message } of parsed.error.issues) {
        list.problem([place, ...path.map(String)].join("."), message);
      }
      continue;
    }
    const { lane, provider, baseUrl, dialect, responseMode, plan } = parsed.data;
    const apiKey = keyOf(parsed.data, read, (message) => list.problem(String(place), message));
    if (apiKey === undefined) continue;
    const preset = planLimits(plan);
    const concurrency = parsed.data.concurrency ?? preset?.concurrency ?? common.concurrency;
    const ratePerMinute = parsed.data.ratePerMinute ?? preset?.ratePerMinute ?? common.ratePerMinute;
    accounts.push({ lane, provider, apiKey, baseUrl, dialect, responseMode, concurrency, ratePerMinute });
  }
  return accounts;
}

interface List {
  readonly entries: readonly unknown[];
  readonly problem: (where: string, what: string) => void;
}

function readList(read: EnvironmentReader): List | undefined {
  const [inline, file] = [read.text("DARKROOM_ACCOUNTS"), read.text("DARKROOM_ACCOUNTS_FILE")];
  if (inline !== undefined && file !== undefined) {
    read.problem("DARKROOM_ACCOUNTS_FILE", "unset when DARKROOM_ACCOUNTS is set; use one of them");
    return undefined;
  }
  const variable = inline === undefined ? "DARKROOM_ACCOUNTS_FILE" : "DARKROOM_ACCOUNTS";
  const text = inline ?? (file === undefined ? undefined : textOfFile(file, (what) => read.problem(variable, what)));
  if (text === undefined) return undefined;
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    entries = undefined;
  }
  if (!Array.isArray(entries)) {
    read.problem(
      variable,
      'a JSON list like [{"lane":"studio-b","provider":"each-sense","keyVariable":"STUDIO_B_KEY"}]',
    );
    return undefined;
  }
  return { entries, problem: (where, what) => read.note(`${variable}: entry ${where} ${what}`) };
}

function textOfFile(path: string, problem: (expected: string) => void): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    problem(`a readable file (${messageOf(error)})`);
    return undefined;
  }
}

function keyOf(
  { keyVariable, keyFile }: z.infer<typeof accountSchema>,
  read: EnvironmentReader,
  problem: (message: string) => void,
): string | undefined {
  if (keyVariable !== undefined) {
    const key = read.variable(keyVariable);
    if (key === undefined) problem(`names the variable ${keyVariable} for its key, which is not set`);
    return key;
  }
  const key = textOfFile(keyFile ?? "", (expected) => problem(`must name as keyFile ${expected}`))?.trim();
  if (key === "") problem("names a keyFile that is empty");
  return key === "" ? undefined : key;
}

/** Rejects two accounts that share a lane, and work for the simulator that would reach a paid account. */
export function checkLanes(
  read: EnvironmentReader,
  accounts: readonly { readonly lane: string }[],
  twin: boolean,
): void {
  const seen = new Set<string>();
  for (const { lane } of accounts) {
    if (seen.has(lane)) read.note(`DARKROOM_ACCOUNTS: the lane "${lane}" is listed twice; every account needs its own`);
    seen.add(lane);
    if (twin && !isTwinLane(lane)) {
      read.note(`DARKROOM_ACCOUNTS: the lane "${lane}" must begin with "${TWIN_LANE}-" while DARKROOM_TWIN is true`);
    }
    if (!twin && isTwinLane(lane)) {
      read.note(
        `DARKROOM_ACCOUNTS: the lane "${lane}" is reserved for the simulator; choose another, or set DARKROOM_TWIN`,
      );
    }
  }
}
