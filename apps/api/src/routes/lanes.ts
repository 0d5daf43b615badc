import { z } from "zod";
import { DarkroomError, isEnded, PROVIDERS, type ProviderName, type WaitReason } from "@darkroom/core";
import { answer } from "../http/answer.ts";
import { blockedSchema } from "../batches/batch-schemas.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import type { ApiServer, Services } from "../services.ts";

const count = z.int().min(0);

const laneSchema = named(
  "Lane",
  z.object({
    name: z.string(),
    provider: z.enum(PROVIDERS),
    counts: z.object({ waiting: count, active: count, delayed: count }).describe("Portraits that are queued now."),
    running: count.describe("Calls that its provider is processing."),
    workers: count.describe("Worker processes that serve it."),
    concurrency: z
      .object({ configured: count, present: count })
      .describe("Concurrent calls. After a refusal, the present limit is below the configured one, and rises again."),
    ratePerMinute: z
      .object({ configured: z.number().nullable(), present: z.number().nullable() })
      .describe("Calls per minute; null for no limit. The present limit follows the rate that the provider reports."),
    narrowed: z
      .object({ at: z.iso.datetime(), message: z.string().nullable() })
      .nullable()
      .describe("Why the present limit is below the configured one, after a refusal."),
    held: z
      .object({ until: z.iso.datetime(), message: z.string().nullable() })
      .nullable()
      .describe("No call starts before this time."),
    blocked: blockedSchema.nullable(),
    probe: z
      .object({ at: z.iso.datetime(), failed: count, underWay: z.boolean() })
      .nullable()
      .describe("When a single portrait is sent to probe a blocked lane."),
  }),
);

const laneParams = z.object({ name: z.string().min(1).max(64) });

const lanesSchema = z.object({ lanes: z.array(laneSchema) });

/** Routes for the lanes of the provider accounts. */
export async function laneRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/lanes",
    {
      config: { scope: "read", forDeployment: true },
      schema: {
        operationId: "listLanes",
        summary: "List the queues of the provider accounts",
        tags: ["lanes"],
        response: { 200: answer("The lanes", lanesSchema), ...problems(401, 503) },
      },
    },
    async () => {
      const { services } = app;
      const set = [...(await shownLanes(services))];
      return { lanes: await Promise.all(set.map(([name, provider]) => viewLane(services, name, provider))) };
    },
  );

  app.post(
    "/lanes/:name/unblock",
    {
      config: { scope: "admin", forDeployment: true, repeats: "safely" },
      schema: {
        operationId: "unblockLane",
        summary: "Unblock a blocked or held lane at once; if its account still refuses, it is blocked or held again",
        tags: ["lanes"],
        params: laneParams,
        body: z.strictObject({}).nullish(),
        response: { 200: answer("The lane as it is now", laneSchema), ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => {
      const { services } = app;
      const { name } = request.params;
      const shown = await shownLanes(services);
      const provider = shown.get(name);
      if (provider === undefined) throw noSuchLane([...shown.keys()], name);
      const { concurrency } = await services.gate(name).state();
      const wasHeld = await services.gate(name).lift();
      if ((await services.lane(name).unblock(concurrency)) || wasHeld) {
        request.log.info({ lane: name }, "lane unblocked on request");
        await services.bus.tell({ type: "lane-unblocked", lane: name });
      }
      await wakeWaiting(services, name);
      return await viewLane(services, name, provider);
    },
  );
}

/** Returns the configured lanes and those of active batches, whose accounts this process may lack. */
async function shownLanes({ laneProviders, ledger }: Services): Promise<ReadonlyMap<string, ProviderName>> {
  const lanes = new Map(Object.entries(laneProviders));
  const records = await Promise.all((await ledger.activeBatches()).map((id) => ledger.read(id)));
  for (const record of records) {
    if (record === undefined || isEnded(record.state)) continue;
    const { lane, recipe, control } = record.spec;
    const fallback = control?.fallback;
    if (!lanes.has(lane)) lanes.set(lane, recipe.provider);
    if (record.lane === fallback?.lane && !lanes.has(record.lane)) lanes.set(record.lane, fallback.provider);
  }
  return lanes;
}

/** Limit of jobs searched for portraits that waited for the lane. */
const MOST_WOKEN = 5_000;

/** Retries portraits that waited for the lane or its provider at once, instead of at their scheduled time. */
async function wakeWaiting({ lane: laneOf, ledger }: Services, name: string): Promise<void> {
  const lane = laneOf(name);
  const byBatch = Map.groupBy(await lane.delayed(MOST_WOKEN), ({ b }) => b);
  for (const [batchId, jobs] of byBatch) {
    const record = await ledger.read(batchId);
    const waits = await Promise.all(jobs.map(({ i }) => ledger.waits.of(batchId, i)));
    const own = jobs.flatMap(({ i }, place) => (ENDED_BY_UNBLOCK.has(waits[place]?.reason) ? [i] : []));
    if (record !== undefined) await lane.promote(batchId, record.epoch, own);
  }
}

const ENDED_BY_UNBLOCK: ReadonlySet<WaitReason | undefined> = new Set<WaitReason>([
  "rate_limit",
  "lane_blocked",
  "provider_retry",
]);

function noSuchLane(names: readonly string[], name: string): DarkroomError {
  const all = names.map((each) => JSON.stringify(each));
  const there = all.length === 0 ? "none is set up here" : `available: ${all.join(", ")}`;
  return new DarkroomError("not_found", `There is no lane ${JSON.stringify(name)}; ${there}.`);
}

async function viewLane(services: Services, name: string, provider: ProviderName): Promise<z.infer<typeof laneSchema>> {
  const lane = services.lane(name);
  const configured = services.laneLimits(name);
  const [counts, blocked, gate, { present: workers }] = await Promise.all([
    lane.counts(),
    lane.blocked(),
    services.gate(name).state(),
    services.attendance.at(`worker:${name}`),
  ]);
  return {
    name,
    provider,
    counts: { ...counts },
    running: gate.running,
    workers,
    concurrency: { configured: configured.concurrency, present: gate.concurrency },
    ratePerMinute: { configured: configured.ratePerMinute ?? null, present: rounded(gate.ratePerMinute) },
    narrowed: gate.narrowedAt === undefined ? null : { at: iso(gate.narrowedAt), message: gate.narrowedFor ?? null },
    held: gate.heldUntil === undefined ? null : { until: iso(gate.heldUntil), message: gate.heldFor ?? null },
    blocked: blocked === undefined ? null : pickBlocked(blocked),
    probe:
      blocked === undefined
        ? null
        : { at: iso(blocked.probeAt), failed: blocked.probes, underWay: blocked.probingSince !== null },
  };
}

function pickBlocked({ reason, since, message }: z.infer<typeof blockedSchema>): z.infer<typeof blockedSchema> {
  return { reason, since, message };
}

function rounded(rate: number | undefined): number | null {
  return rate === undefined ? null : Math.round(rate * 10) / 10;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
