import { z } from "zod";
import { COST_GROUPS, DarkroomError, daysBetween, groupCosts, isTwinLane, utcDay, type Costs } from "@darkroom/core";
import { KEEP_COSTS_DAYS } from "@darkroom/ledger";
import { ownTenant } from "../access/caller.ts";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import { named } from "../http/schema-names.ts";
import type { ApiServer, Services } from "../services.ts";

/** Default range in days. */
const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;

const dayText = z.iso.date({ error: "must be a day like 2026-11-21" });

const costsQuery = z.strictObject({
  from: dayText.optional().describe(`The first day, in UTC. Defaults to ${DEFAULT_DAYS} days up to \`to\`.`),
  to: dayText.optional().describe("The last day, in UTC. Defaults to today."),
  by: z.enum(COST_GROUPS).default("day").describe("The grouping of the sums."),
  simulated: z
    .enum(["true", "false"])
    .default("false")
    .describe("Include the simulator's lanes, whose calls cost nothing."),
});

const parts = {
  costUsd: z.number().describe("Certainly paid, and delivered."),
  lostUsd: z.number().describe("Certainly paid, with nothing delivered."),
  maybeUsd: z.number().describe("Upper bound for calls that may or may not have been paid."),
};

const costsSchema = named(
  "Costs",
  z.object({
    from: z.string(),
    to: z.string(),
    by: z.enum(COST_GROUPS),
    total: z.object(parts),
    rows: z
      .array(z.object({ name: z.string().describe("The day, the lane or the batch."), ...parts }))
      .readonly()
      .describe("Sorted by name; without rows that cost nothing."),
  }) satisfies z.ZodType<Costs>,
);

/** Routes for the amounts spent, by the price table. */
export async function costRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/costs",
    {
      config: { scope: "read" },
      schema: {
        operationId: "getCosts",
        summary: "Get costs by day, lane or batch",
        description: `By the price table, on the days on which portraits ended. Days are kept for ${KEEP_COSTS_DAYS} days. A batch that has not ended counts with what it has spent so far.`,
        tags: ["operations"],
        querystring: costsQuery,
        response: { 200: answer("The costs", costsSchema), ...problems(400, 401, 503) },
      },
    },
    async (request) => {
      const { by, simulated, to = utcDay(Date.now()) } = request.query;
      const { from = utcDay(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS) } = request.query;
      const count = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
      if (count < 1) throw badRange(`from (${from}) must not be after to (${to}).`);
      if (count > KEEP_COSTS_DAYS)
        throw badRange(`from: at most ${KEEP_COSTS_DAYS} days per request; these are ${count}.`);
      await bookUnended(app.services);
      const booked = await app.services.costs.read(daysBetween(from, to), ownTenant(request.caller));
      const counted = simulated === "true" ? booked : booked.filter(({ lane }) => !isTwinLane(lane));
      return groupCosts(counted, { from, to, by });
    },
  );
}

/**
 * Books the costs of active batches for which no producer does this now, such as a paused batch whose command has
 * ended.
 */
async function bookUnended({ ledger, costs }: Pick<Services, "ledger" | "costs">): Promise<void> {
  const ids = await ledger.activeBatches();
  const records = await Promise.all(ids.map(async (id) => await ledger.read(id)));
  await Promise.all(records.map(async (record) => await (record && costs.note(record.spec, record.days))));
}

function badRange(message: string): DarkroomError {
  return new DarkroomError("invalid_input", message, { field: "from" });
}
