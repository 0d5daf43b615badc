import { z } from "zod";
import { batchesUnder, DIFFERENCES, reconcile, recoverBatch, type Difference, type Recovered } from "@darkroom/archive";
import { DarkroomError, isBatchId, dearestOfBatchUsd, type BatchSpec, type Round } from "@darkroom/core";
import type { BatchLimits } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import { toStoreUrl } from "@darkroom/storage";
import { answer } from "../http/answer.ts";
import { batchParams } from "../batches/batch-schemas.ts";
import { readBatch } from "../batches/batch-view.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import { adoptReviews } from "../reviews/review-results.ts";
import type { ApiServer, Services } from "../services.ts";

const recoveryBody = z.strictObject({
  destination: z.string().min(1).describe("The destination of the batches' results: `s3://bucket/prefix/`."),
  batch: z.string().refine(isBatchId, { error: "must be a batch id" }).optional().describe("Recover only this batch."),
  thoughItRuns: z
    .boolean()
    .optional()
    .describe(
      "Also rebuild a batch that another Redis seems to have run within the last minutes. If that Redis really runs it, each portrait is paid twice.",
    ),
});

const recoveredSchema = named(
  "RecoveredBatch",
  z.object({
    batchId: z.string(),
    kind: z.enum(["recovered", "known", "ended", "damaged", "running"]),
    total: z.int().optional().describe("Number of portraits found."),
    ended: z.int().optional().describe("Number of portraits that had ended."),
    unconfirmed: z
      .boolean()
      .optional()
      .describe(
        "True if none of its rows had been read, so it may never have been accepted. It waits for confirmation.",
      ),
    message: z.string().optional().describe("The damage, or the fact that another Redis runs the batch."),
  }) satisfies z.ZodType<Recovered>,
);

const reconcileBody = z
  .strictObject({ fix: z.boolean().optional().describe("Also fixes differences that cost nothing to fix.") })
  .nullish();

const differenceSchema = named(
  "Difference",
  z.object({
    kind: z.enum(Object.keys(DIFFERENCES) as [keyof typeof DIFFERENCES]),
    meaning: z.string(),
    count: z.int(),
    examples: z.array(z.int()).readonly(),
    fixed: z.int(),
    advice: z.string(),
  }) satisfies z.ZodType<Difference>,
);

/** Routes that recover lost batches, and that compare ledger and object store. */
export async function recoveryRoutes(app: ApiServer): Promise<void> {
  app.post(
    "/recoveries",
    {
      config: { scope: "admin", forDeployment: true, repeats: "safely" },
      schema: {
        operationId: "recoverBatches",
        summary: "Rebuild lost batches from their destination",
        description:
          "Ended portraits are read from the report parts; the rest continues. Delivered portraits are not paid for again. A batch without any read rows waits for confirmation. A batch that Redis knows, or that another Redis seems to run, is left unchanged.",
        tags: ["operations"],
        body: recoveryBody,
        response: {
          200: answer("The result for each batch", z.object({ batches: z.array(recoveredSchema) })),
          ...problems(400, 401, 403, 404, 503),
        },
      },
    },
    async (request) => {
      const { services } = app;
      const { destination, batch, thoughItRuns } = request.body;
      if (!/^(s3|file):\/\//i.test(destination)) {
        throw new DarkroomError("invalid_input", `destination must be an s3:// or file:// URL, not "${destination}".`, {
          field: "destination",
        });
      }
      const store = services.openStore(toStoreUrl(destination, "/"));
      const ids = batch === undefined ? await batchesUnder(store) : [batch];
      const batches: Recovered[] = [];
      for (const id of ids) {
        const recovered = await recoverBatch(
          {
            ledger: services.ledger,
            openRestore: services.openRestore,
            costs: services.costs,
            limitsOf: (spec, rounds) => limitsOf(services, spec, rounds),
            now: serverNow,
            thoughItRuns: thoughItRuns === true,
          },
          store,
          id,
        );
        batches.push(recovered);
        if (recovered.kind !== "recovered") continue;
        const record = await services.ledger.read(id);
        if (record !== undefined) await adoptReviews(services, record);
        await services.bus.tell({ type: "batch-created", batch: id });
      }
      return { batches };
    },
  );

  app.post(
    "/batches/:id/reconcile",
    {
      config: { scope: "manage", repeats: "safely" },
      schema: {
        operationId: "reconcileBatch",
        summary: "Compare ledger, lane and object store, and list the differences",
        tags: ["operations"],
        params: batchParams,
        body: reconcileBody,
        response: {
          200: answer(
            "The differences; empty if there are none",
            z.object({ differences: z.array(differenceSchema).readonly() }),
          ),
          ...problems(400, 401, 404, 503),
        },
      },
    },
    async (request) => {
      const { services } = app;
      const record = await readBatch(services, request.params.id);
      const { spec } = record;
      const dependencies = {
        ledger: services.ledger,
        missingJobs: async (batchId: string, epoch: number, indexes: readonly number[]) => {
          const lanes = [...(await services.ledger.byLane(record, indexes))];
          const missing = lanes.map(async ([name, own]) => {
            const elsewhere = await services.lane(name).missing(batchId, epoch, own);
            // Requeued portraits are dispatched to the batch's current lane, which forwards them.
            return name === record.lane || elsewhere.length === 0
              ? elsewhere
              : await services.lane(record.lane).missing(batchId, epoch, elsewhere);
          });
          return (await Promise.all(missing)).flat();
        },
      };
      const store = services.openStore(spec.destination.url);
      const differences = await reconcile(dependencies, store, record, { fix: request.body?.fix === true });
      if (differences.some(({ fixed }) => fixed > 0)) await services.bus.nudge(record.lane);
      return { differences };
    },
  );
}

/**
 * @throws DarkroomError when a batch has a budget and a recipe without a price, whose calls the budget would count as
 *   free
 */
function limitsOf({ breaker }: Services, spec: BatchSpec, rounds: readonly Round[]): BatchLimits {
  if (spec.control?.maxCostUsd === undefined) return { breaker };
  const recipes = [spec.recipe, ...rounds.map((round) => round.recipe)];
  if (recipes.some((each) => dearestOfBatchUsd(spec, each) === undefined)) {
    throw new DarkroomError(
      "invalid_input",
      "the batch has a budget, but its batch.json has no prices to enforce it: add them under `prices`, and recover it again",
    );
  }
  return { breaker };
}
