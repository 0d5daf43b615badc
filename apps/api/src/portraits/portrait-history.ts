import { outcomesOfPortrait } from "@darkroom/archive";
import {
  isDarkroomError,
  MICRO,
  sessionId,
  sumOfCall,
  type ObjectStore,
  type OutcomeLine,
  type Receipt,
} from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { Services } from "../services.ts";
import type { HistoryView } from "./history-schema.ts";
import { ShownPictures, type Side } from "./shown-pictures.ts";

const LINK_SECONDS = 15 * 60;
const MOST_UNDRAINED = 5_000;

/** Reads what happened to a portrait: its ends, its present calls, and links to its pictures. */
export async function portraitHistory(services: Services, record: BatchRecord, index: number): Promise<HistoryView> {
  const { spec, rounds } = record;
  const undrained = await services.ledger.undrainedOutcomes(spec.id, MOST_UNDRAINED);
  const store = services.openStore(spec.destination.url);
  const [outcomes, receipt, links] = await Promise.all([
    outcomesOfPortrait(
      store,
      { batchId: spec.id, index, rounds },
      undrained.map(({ line }) => JSON.parse(line) as OutcomeLine),
    ),
    services.ledger.receipt(spec.id, index),
    linksOf(services, record, index),
  ]);
  return { ends: outcomes.map(viewEnd), calls: receipt === undefined ? [] : viewCalls(record, receipt), ...links };
}

function viewEnd(line: OutcomeLine): HistoryView["ends"][number] {
  const { round = 0, at, code, message, billed, attempts, providerMs, costUsd, lostUsd = 0, maybeUsd = 0, lane } = line;
  const money = { billed, costUsd, lostUsd, maybeUsd };
  return { round, at: new Date(at).toISOString(), code, message, ...money, attempts, providerMs, lane: lane ?? null };
}

function viewCalls(record: BatchRecord, { calls, order, round = 0, lane }: Receipt): HistoryView["calls"] {
  return calls.map((call) => ({
    step: call.step,
    round,
    at: new Date(call.at).toISOString(),
    status: call.status,
    money: sumOfCall(call),
    priceUsd: call.priceMicroUsd === undefined ? null : call.priceMicroUsd / MICRO,
    counts: call.counts ?? null,
    session: order === undefined ? null : sessionId(record.spec.id, order.identity, call.generation, round),
    lane: lane ?? record.spec.lane,
  }));
}

async function linksOf(
  services: Services,
  record: BatchRecord,
  index: number,
): Promise<Pick<HistoryView, "before" | "after">> {
  const pictures = await ShownPictures.of(services, record, index).catch(orNothing);
  const link = async (side: Side): Promise<HistoryView["before"]> => {
    const place = await pictures?.place(side).catch(orNothing);
    const url = place === undefined ? undefined : await linkTo(place.store, place.key);
    if (url === undefined) return null;
    return { url, expiresAt: new Date(Date.now() + LINK_SECONDS * 1_000).toISOString() };
  };
  const [before, after] = await Promise.all([link("source"), link("result")]);
  return { before, after };
}

/** Returns undefined for a store without links, such as a local folder without a public URL. */
async function linkTo(store: ObjectStore, key: string): Promise<string | undefined> {
  return await store.link(key, { expiresInSeconds: LINK_SECONDS }).catch((error: unknown) => {
    if (isDarkroomError(error, "invalid_settings")) return undefined;
    throw error;
  });
}

/** A picture that does not exist, or is another's, has no link. */
function orNothing(error: unknown): undefined {
  if (!isDarkroomError(error, "not_found")) throw error;
}
