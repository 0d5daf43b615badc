import { z } from "zod";
import { isCovered, type ManifestSources, type SubmitterBounds } from "@darkroom/core";

const MAX_NAMES = 100;

const prefixes: z.ZodType<ManifestSources, ManifestSources> = z.union([
  z.literal("any"),
  z.array(z.string().min(1).max(2_048)).max(MAX_NAMES),
]);

/** The limits of a key. An absent limit means unlimited. */
export const keyLimitsSchema = z.strictObject({
  sources: prefixes.optional().describe("Prefixes of stores that it may read photos and manifests from, or `any`."),
  destinations: prefixes.optional().describe("Prefixes of stores that results may be written to, or `any`."),
  lanes: z
    .array(z.string().regex(/^[\w.-]{0,64}\*?$/, { error: "must be a lane's name, or its beginning and *" }))
    .max(MAX_NAMES)
    .optional()
    .describe("Lane names; `acme-*` matches every lane with this prefix."),
  callsPerMinute: z.int().min(1).max(1_000_000).optional().describe("Calls of the API a minute."),
  rowsPerDay: z.int().min(1).max(1_000_000_000).optional().describe("Rows of submissions in a UTC day."),
  usdPerDay: z
    .number()
    .positive()
    .max(1_000_000_000)
    .optional()
    .describe("Maximum cost of the batches of a UTC day, by their budgets."),
});

export type KeyLimits = z.infer<typeof keyLimitsSchema>;

/** Returns the limits that apply to a key's submissions. */
export function boundsOf({ sources = "any", destinations = "any", lanes }: KeyLimits): SubmitterBounds {
  return { sources, destinations, lanes: lanes ?? "any" };
}

/** True if the key has a daily limit. */
export function isLimitedByDay({ rowsPerDay, usdPerDay }: KeyLimits): boolean {
  return rowsPerDay !== undefined || usdPerDay !== undefined;
}

/**
 * Limits by amount. A key with such a limit cannot create another one, because the two keys together would have twice
 * the amount.
 */
const AMOUNTS = ["callsPerMinute", "rowsPerDay", "usdPerDay"] as const;

/**
 * Returns the first limit that a new key would exceed; undefined if there is none. A key thus cannot create a key with
 * more rights.
 *
 * @param own the creator's limits
 * @param wished the new key's limits
 */
export function limitExceeded(own: KeyLimits, wished: KeyLimits): keyof KeyLimits | undefined {
  if (!coversAll(own.sources, wished.sources)) return "sources";
  if (!coversAll(own.destinations, wished.destinations)) return "destinations";
  if (!coversLanes(own.lanes, wished.lanes)) return "lanes";
  return AMOUNTS.find((limit) => own[limit] !== undefined);
}

/** True if `own` covers every prefix of `wished`. */
function coversAll(own: ManifestSources = "any", wished: ManifestSources = "any"): boolean {
  if (own === "any") return true;
  return wished !== "any" && wished.every((prefix) => isCovered(prefix, own));
}

function coversLanes(own: readonly string[] | undefined, wished: readonly string[] | undefined): boolean {
  if (own === undefined) return true;
  return wished?.every((name) => own.some((each) => covers(each, name))) === true;
}

function covers(own: string, wished: string): boolean {
  if (own === wished) return true;
  return own.endsWith("*") && wished.startsWith(own.slice(0, -1));
}
