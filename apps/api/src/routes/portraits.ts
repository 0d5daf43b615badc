import { z } from "zod";
import {
  attemptsOf,
  DarkroomError,
  isEnded,
  isTerminal,
  mayBeBilled,
  WAIT_ENDS,
  WAIT_REASONS,
  type PortraitWait,
} from "@darkroom/core";
import { allowsScope } from "@darkroom/access";
import type { Caller } from "../access/caller.ts";
import { answer } from "../http/answer.ts";
import { batchParams, queryInt } from "../batches/batch-schemas.ts";
import { lookAtBatch, readBatch } from "../batches/batch-view.ts";
import { readLeftBehind } from "../portraits/read-left-behind.ts";
import { portraitForClient } from "../links/portrait-for-client.ts";
import { findPortraits } from "../portraits/find-portraits.ts";
import { checkFilter, filterFields, type PortraitFilter } from "../portraits/portrait-filter.ts";
import { foundPortrait, type FoundPortrait } from "../portraits/found-portrait.ts";
import { portraitSchema, viewPortrait, type PortraitView } from "../portraits/portrait-view.ts";
import { cursorField, nextCursor, nextCursorField, positionOf } from "../http/cursor.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import { readReviews } from "../reviews/read-reviews.ts";
import type { ApiServer, Services } from "../services.ts";
import { batchWait, type BatchRecord } from "@darkroom/ledger";

const DEFAULT_PAGE = 100;
const MAX_PAGE = 500;
/** Maximum number of portraits per request. */
const MAX_NAMED = 200;
/** Maximum size of a batch: the largest safe index. */
const MAX_INDEX = 2 ** 40;

const listQuery = z.strictObject({
  ...filterFields,
  round: queryInt(0, 255).optional().describe("Only portraits that ended in this round; 0 is the first."),
  cursor: cursorField,
  limit: queryInt(1, MAX_PAGE).default(DEFAULT_PAGE),
  indexes: z
    .string()
    .regex(/^\d{1,15}(?:,\d{1,15})*$/, { error: "must be whole numbers, separated by commas" })
    .transform((text) => text.split(",").map(Number))
    .pipe(z.array(z.int().max(MAX_INDEX)).max(MAX_NAMED))
    .optional()
    .describe(`Only these portraits, at most ${MAX_NAMED}; the other parameters are then ignored.`),
});

const listSchema = z.object({
  portraits: z.array(portraitSchema),
  nextCursor: nextCursorField.describe(
    "`cursor` of the next page; null at the end. A page may be short, or empty, and still have a next one.",
  ),
});

const onePortraitSchema = named(
  "PortraitDetails",
  portraitSchema.extend({
    wait: z
      .object({ reason: z.enum(WAIT_REASONS), nextLookAt: z.iso.datetime().nullable(), endsWhen: z.string() })
      .nullable()
      .describe("Its wait reason; null while it runs and after it has ended."),
    receipt: z
      .object({
        attempts: z.int().describe("Attempts that failed at the provider."),
        storageFailures: z.int(),
        since: z.iso.datetime().nullable().describe("When the provider was first called."),
        maybeBilled: z.boolean(),
        lastFailure: z.object({ code: z.string(), message: z.string() }).nullable(),
        lastTrouble: z.string().nullable().describe("The latest error that delayed it, if any."),
      })
      .nullable()
      .describe("The history of a portrait that has not ended."),
  }),
);

/** Routes for a batch's portraits. */
export async function portraitRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/batches/:id/portraits",
    {
      config: { scope: "read", link: true },
      schema: {
        operationId: "listPortraits",
        summary: "List the portraits of a batch",
        description:
          "All filters that are given must match. `code`, `billed` and `round` read the batch's report parts at the first request, so its first pages may be empty.",
        tags: ["portraits"],
        params: batchParams,
        querystring: listQuery,
        response: { 200: answer("A page of portraits", listSchema), ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const record = await readBatch(services, request.params.id);
      const { indexes } = request.query;
      if (indexes !== undefined) {
        const found = await namedPortraits(services, record, indexes);
        return { portraits: shownTo(request.caller, await viewPortraits(services, record, found)), nextCursor: null };
      }
      const { limit, indexes: _, cursor: given, ...wished } = request.query;
      const filter = filterOf(wished);
      checkFilter(request.caller, filter);
      const list = { portraits: record.spec.id, ...wished };
      const cursor = positionOf(list, given, "number") ?? 0;
      const { found, next } = await findPortraits(services, record, { cursor, limit, filter, caller: request.caller });
      const portraits = await viewPortraits(services, record, found);
      return { portraits: shownTo(request.caller, portraits), nextCursor: nextCursor(list, next) };
    },
  );

  app.get(
    "/batches/:id/portraits/:index",
    {
      config: { scope: "read" },
      schema: {
        operationId: "getPortrait",
        summary: "Get one portrait of a batch",
        tags: ["portraits"],
        params: batchParams.extend({ index: queryInt(0, MAX_INDEX) }),
        response: { 200: answer("The portrait", onePortraitSchema), ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const { id, index } = request.params;
      const record = await readBatch(services, id);
      if (index >= record.counts.total) {
        throw new DarkroomError(
          "not_found",
          `This batch has no portrait ${index}; it has ${record.counts.total} so far.`,
        );
      }
      const found = foundPortrait(record, index, await services.ledger.state(id, index));
      const [view] = await viewPortraits(services, record, [found]);
      if (view === undefined) throw new DarkroomError("internal", "a portrait that was found has no view");
      const [wait, receipt] = await Promise.all([viewWait(services, record, found), viewReceipt(services, id, index)]);
      return { ...view, wait, receipt };
    },
  );
}

/** Returns the filter of a query, each of whose parameters has one value. */
function filterOf({ state, review, code, billed, round, q }: Omit<z.infer<typeof listQuery>, "limit">): PortraitFilter {
  const listOf = <T>(value: T | undefined): readonly T[] | undefined => (value === undefined ? undefined : [value]);
  return { state: listOf(state), review: listOf(review), code: listOf(code), billed: listOf(billed), round, q };
}

/** Removes the fields that a client must not see, if the caller uses a link. */
function shownTo({ link, scopes }: Caller, portraits: readonly PortraitView[]): PortraitView[] {
  if (link === undefined) return [...portraits];
  return portraits.map((portrait) => portraitForClient(portrait, allowsScope(scopes, "review")));
}

async function namedPortraits(
  { ledger }: Services,
  record: BatchRecord,
  indexes: readonly number[],
): Promise<readonly FoundPortrait[]> {
  const there = indexes.filter((index) => index < record.counts.total);
  return await Promise.all(
    there.map(async (index) => foundPortrait(record, index, await ledger.state(record.spec.id, index))),
  );
}

async function viewPortraits(
  services: Services,
  record: BatchRecord,
  found: readonly FoundPortrait[],
): Promise<PortraitView[]> {
  const { ledger, openStore, snapshot } = services;
  const store = openStore(record.spec.destination.url);
  const detailed = found.filter(({ state }) => isTerminal(state)).map(({ index }) => index);
  const lost = found.filter(({ state }) => state === "failed" || state === "cancelled").map(({ index }) => index);
  const reviewed = record.review.revision === 0 ? [] : found.map(({ index }) => index);
  const [details, left, reviews, rows] = await Promise.all([
    ledger.details(record.spec.id, detailed),
    lost.length === 0 ? undefined : readLeftBehind(services, record),
    readReviews(services, record, reviewed),
    Promise.all(found.map(({ index }) => snapshot.row(store, record.spec.id, index, record.fence))),
  ]);
  return found.map((portrait, place) => {
    const { index } = portrait;
    const findings = { detail: details.get(index), leftBehind: left?.get(index), review: reviews[place] };
    return viewPortrait(portrait, rows[place], findings);
  });
}

/** Returns the portrait's own wait reason, or else the batch's. */
async function viewWait(
  services: Services,
  record: BatchRecord,
  { index, state }: FoundPortrait,
): Promise<PortraitWait | null> {
  if (isTerminal(state) || isEnded(record.state)) return null;
  const own = await services.ledger.waits.of(record.spec.id, index);
  if (own === undefined && state === "running") return null;
  const { reason, nextLookMs } = own ?? batchWait(record, await lookAtBatch(services, record));
  const nextLookAt = nextLookMs === undefined ? null : new Date(nextLookMs).toISOString();
  return { reason, nextLookAt, endsWhen: WAIT_ENDS[reason] };
}

async function viewReceipt({ ledger }: Services, batchId: string, index: number) {
  const receipt = await ledger.receipt(batchId, index);
  if (receipt === undefined) return null;
  const { storageFailures, firstIntentAt, lastFailure, lastTrouble } = receipt;
  return {
    attempts: attemptsOf(receipt),
    storageFailures,
    since: firstIntentAt === undefined ? null : new Date(firstIntentAt).toISOString(),
    maybeBilled: mayBeBilled(receipt),
    lastFailure: lastFailure === undefined ? null : { code: lastFailure.code, message: lastFailure.message },
    lastTrouble: lastTrouble ?? null,
  };
}
