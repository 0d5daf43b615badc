import { z } from "zod";
import { isCovered, type ManifestSources, type SubmitterBounds } from "@darkroom/core";

const MAX_NAMES = 100;

const prefixes: z.ZodType<ManifestSources, ManifestSources> = z.union([
  z.literal("any"),
  z.array(z.string().min(1).max(2_048)).max(MAX_NAMES),
]);

/** What a key may use, and how much of it. An absent limit limits nothing. */
export const keyLimitsSchema = z.strictObject({
  sources: prefixes.optional().describe("Prefixes of stores that it may read photos and manifests from, or `any`."),
  destinations: prefixes.optional().describe("Prefixes of stores that results may be written to, or `any`."),
  lanes: z
    .array(z.string().regex(/^[\w.-]{0,64}\*?$/, { error: "must be a lane's name, or its beginning and *" }))
    .max(MAX_NAMES)
    .optional()
    .describe("Lanes by name; `acme-*` stands for every lane that begins so."),
  callsPerMinute: z.int().min(1).max(1_000_000).optional().describe("Calls of the API a minute."),
  rowsPerDay: z.int().min(1).max(1_000_000_000).optional().describe("Rows of submissions in a UTC day."),
  usdPerDay: z
    .number()
    .positive()
    .max(1_000_000_000)
    .optional()
    .describe("The most that batches of a UTC day may cost, by their budgets."),
});

export type KeyLimits = z.infer<typeof keyLimitsSchema>;

/** What a key's submissions may use. */
export function boundsOf({ sources = "any", destinations = "any", lanes }: KeyLimits): SubmitterBounds {
  return { sources, destinations, lanes: lanes ?? "any" };
}

/** True if batches of the key are limited by the day. */
export function isLimitedByDay({ rowsPerDay, usdPerDay }: KeyLimits): boolean {
  return rowsPerDay !== undefined || usdPerDay !== undefined;
}

/** The limits that only an amount can keep: two keys with the same one would have twice as much. */
const AMOUNTS = ["callsPerMinute", "rowsPerDay", "usdPerDay"] as const;

/**
 * The limit of a creator that a new key would not keep; undefined if it keeps all. So no key makes a wider one.
 *
 * @param own the creator's
 * @param wished the new key's
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
