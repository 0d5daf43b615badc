import { z } from "zod";
import { DarkroomError, REVIEW_STATES } from "@darkroom/core";
import { readSnapshot } from "@darkroom/manifest";
import type { BatchRecord } from "@darkroom/ledger";
import type { Services } from "../services.ts";

/** Limit of portraits in one request. */
const MOST_SELECTED = 10_000;
/** Portraits read at once. */
const CHUNK = 8_192;

const index = z.int().min(0);

/** Selects portraits: exactly one of the three. */
export const selectionFields = {
  indexes: z.array(index).min(1).max(MOST_SELECTED).optional().describe("These portraits."),
  ids: z
    .array(z.string().min(1))
    .min(1)
    .max(1_000)
    .optional()
    .describe("The portraits with these ids of the manifest."),
  where: z
    .strictObject({
      review: z.array(z.enum(REVIEW_STATES)).min(1).optional().describe("Results with these decisions. Default: any."),
    })
    .optional()
    .describe(
      `All portraits that have a result and match, in order, at most ${MOST_SELECTED} a request; continue with \`cursor\`.`,
    ),
  cursor: index.optional().describe("With `where`: `nextCursor` of the previous response."),
} as const;

export interface Selection {
  readonly indexes?: readonly number[] | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly where?: { readonly review?: readonly (typeof REVIEW_STATES)[number][] | undefined } | undefined;
  readonly cursor?: number | undefined;
}

export interface Selected {
  /** Sorted, without repetitions. */
  readonly indexes: readonly number[];
  /** Position at which the query continues; undefined at its end. */
  readonly nextCursor?: number;
}

/** @throws DarkroomError `invalid_input` for a selection that is none, and `not_found` for an unknown portrait */
export async function selectPortraits(
  services: Pick<Services, "ledger" | "openStore">,
  record: BatchRecord,
  { indexes, ids, where, cursor = 0 }: Selection,
): Promise<Selected> {
  const given = [indexes, ids, where].filter((each) => each !== undefined).length;
  if (given !== 1) {
    throw new DarkroomError("invalid_input", "Name the portraits by exactly one of indexes, ids or where.", {
      field: "indexes",
    });
  }
  if (where !== undefined) return await matching(services, record, where.review ?? REVIEW_STATES, cursor);
  const found = indexes ?? (await withIds(services, record, new Set(ids)));
  const unknown = found.find((each) => each >= record.counts.total);
  if (unknown !== undefined) throw new DarkroomError("not_found", `This batch has no portrait ${unknown}.`);
  return { indexes: [...new Set(found)].toSorted((a, b) => a - b) };
}

async function matching(
  { ledger }: Pick<Services, "ledger">,
  { spec, counts }: BatchRecord,
  states: readonly string[],
  cursor: number,
): Promise<Selected> {
  const found: number[] = [];
  for (let start = cursor - (cursor % 2); start < counts.total; start += CHUNK) {
    const length = Math.min(CHUNK, counts.total - start);
    const [there, reviews] = await Promise.all([
      ledger.indexesIn(spec.id, start, length, ["succeeded", "skipped"]),
      ledger.reviews.range(spec.id, start, length),
    ]);
    for (const each of there) {
      if (each < cursor || !states.includes(reviews[each - start]?.state ?? "undecided")) continue;
      if (found.length >= MOST_SELECTED) return { indexes: found, nextCursor: each };
      found.push(each);
    }
  }
  return { indexes: found };
}

async function withIds(
  { openStore }: Pick<Services, "openStore">,
  { spec, counts }: BatchRecord,
  ids: ReadonlySet<string>,
): Promise<readonly number[]> {
  const found = new Map<string, number>();
  for await (const rows of readSnapshot(openStore(spec.destination.url), spec.id, counts.total)) {
    for (const row of rows) if (row.id !== undefined && ids.has(row.id)) found.set(row.id, row.index);
    if (found.size === ids.size) break;
  }
  const missing = [...ids].find((id) => !found.has(id));
  if (missing !== undefined) throw new DarkroomError("not_found", `This batch has no portrait with the id ${missing}.`);
  return [...found.values()];
}
