import { z } from "zod";
import type { Scope } from "@darkroom/access";
import { type BatchState, DarkroomError, lineSchema, MICRO, controlSchema } from "@darkroom/core";
import {
  type BatchRecord,
  type ControlMessage,
  type Order,
  type OrderAnswer,
  type ResumeAnswer,
} from "@darkroom/ledger";
import type { Caller } from "../access/caller.ts";
import { reserveFor } from "../access/submitter.ts";
import { answer } from "../http/answer.ts";
import { batchParams, batchStatusSchema } from "../batches/batch-schemas.ts";
import { readBatch, viewBatch } from "../batches/batch-view.ts";
import { notCarriedOut, ORDER_DESCRIPTION, orderOf, revisionField } from "../batches/order.ts";
import { problems } from "../http/problem.ts";
import type { ApiServer, Services } from "../services.ts";

const reasonBody = z
  .strictObject({
    reason: lineSchema(500).optional().describe("Shown in the batch's status."),
    revision: revisionField,
  })
  .nullish();
const resumeBody = z
  .strictObject({
    maxCostUsd: controlSchema.shape.maxCostUsd.describe(
      "The new budget, also for a running batch; required when the budget paused it. It must be above what is spent and may have been billed.",
    ),
    revision: revisionField,
  })
  .nullish();
const noBody = z.strictObject({ revision: revisionField }).nullish();

interface MoveBody {
  readonly reason?: string | undefined;
  readonly maxCostUsd?: number | undefined;
  readonly revision?: number | undefined;
}

interface Move {
  readonly name: "pause" | "resume" | "cancel" | "confirm" | "approve";
  readonly summary: string;
  readonly scope: Scope;
  readonly body: typeof reasonBody | typeof resumeBody | typeof noBody;
  readonly tell: Extract<ControlMessage["type"], `batch-${string}`>;
  readonly run: (ledger: Services["ledger"], id: string, body: MoveBody, order: Order) => Promise<OrderAnswer>;
}

const MOVES: readonly Move[] = [
  {
    name: "pause",
    summary: "Pause a batch: start no more portraits; running ones are finished",
    scope: "manage",
    body: reasonBody,
    tell: "batch-paused",
    run: (ledger, id, { reason }, order) => ledger.control.pause(id, reason ?? "paused by a person", { order }),
  },
  {
    name: "resume",
    summary: "Resume a paused batch",
    scope: "manage",
    body: resumeBody,
    tell: "batch-resumed",
    run: resumeBatch,
  },
  {
    name: "cancel",
    summary: "Cancel a batch: waiting portraits never start, running ones are ended or finished",
    scope: "manage",
    body: reasonBody,
    tell: "batch-cancelled",
    run: (ledger, id, { reason }, order) => ledger.control.cancel(id, reason ?? "cancelled by a person", order),
  },
  {
    name: "confirm",
    summary: "Confirm a batch that waits for confirmation",
    scope: "manage",
    body: noBody,
    tell: "batch-resumed",
    run: (ledger, id, _, order) => ledger.control.confirm(id, order),
  },
  {
    name: "approve",
    summary: "Approve a batch's pilot and continue with the rest",
    scope: "review",
    body: noBody,
    tell: "batch-resumed",
    run: (ledger, id, _, order) => ledger.control.approve(id, order),
  },
];

async function resumeBatch(
  ledger: Services["ledger"],
  id: string,
  { maxCostUsd }: MoveBody,
  order: Order,
): Promise<OrderAnswer> {
  const before = await ledger.read(id);
  if (maxCostUsd !== undefined && before?.maxCostUsd === undefined) {
    throw new DarkroomError("invalid_input", "maxCostUsd: this batch was submitted without a budget.", {
      field: "maxCostUsd",
    });
  }
  const micro = maxCostUsd === undefined ? undefined : Math.round(maxCostUsd * MICRO);
  const { budgetFull, spent, ...answered } = await ledger.control.resume(id, micro, order, { checksSpent: true });
  if (spent !== undefined) {
    throw new DarkroomError("conflict", spentText(maxCostUsd ?? 0, spent), { field: "maxCostUsd" });
  }
  if (!budgetFull) return answered;
  throw new DarkroomError(
    "conflict",
    `This batch is paused by its budget of ${before?.maxCostUsd ?? 0} USD. Resume it with a higher maxCostUsd, or cancel it.`,
    { field: "maxCostUsd" },
  );
}

function spentText(maxCostUsd: number, { usd, maybeUsd }: NonNullable<ResumeAnswer["spent"]>): string {
  const sum = Math.round((usd + maybeUsd) * MICRO) / MICRO;
  const maybe = maybeUsd === 0 ? "" : `, and up to ${maybeUsd} USD more may have been billed`;
  return `A budget of ${maxCostUsd} USD would pause this batch at once: ${usd} USD are spent${maybe}. Give a maxCostUsd of more than ${sum}, or cancel the batch.`;
}

/** Moves after which a batch may spend more. */
const SPENDING: readonly Move["name"][] = ["resume", "confirm", "approve"];

/** Routes to pause, resume, cancel, confirm and approve a batch. Each is idempotent. */
export async function batchMoveRoutes(app: ApiServer): Promise<void> {
  for (const move of MOVES) {
    app.post(
      `/batches/:id/${move.name}`,
      {
        config: { scope: move.scope, spends: SPENDING.includes(move.name), repeats: "safely" },
        schema: {
          operationId: `${move.name}Batch`,
          summary: move.summary,
          description: ORDER_DESCRIPTION,
          tags: ["batches"],
          params: batchParams,
          body: move.body,
          response: { 200: answer("The batch as it is now", batchStatusSchema), ...problems(400, 401, 404, 409, 503) },
        },
      },
      async (request) => {
        const { services } = app;
        const { id } = request.params;
        const body: MoveBody = request.body ?? {};
        const record = await readBatch(services, id);
        const order = orderOf(request, move.name, record, body);
        const giveBack = await reserveRaise(services, request.caller, record, body);
        const { kind, state } = await move.run(services.ledger, id, body, order).catch(async (error: unknown) => {
          await giveBack();
          throw error;
        });
        if (kind !== "done") await giveBack();
        if (kind === "refused") throw refusal(move.name, state);
        if (kind !== "done") throw notCarriedOut({ kind, state });
        await services.bus.tell({ type: move.tell, batch: id });
        return await viewBatch(services, await readBatch(services, id));
      },
    );
  }
}

/** Reserves the increase of a raised budget, for a caller with a daily money limit. */
async function reserveRaise(
  services: Services,
  caller: Caller,
  { maxCostUsd: present }: BatchRecord,
  { maxCostUsd: wished }: MoveBody,
): Promise<() => Promise<void>> {
  const reserve = reserveFor(services, caller);
  const isRaised = wished !== undefined && present !== undefined && wished > present;
  if (reserve?.limitsUsd !== true || !isRaised) return async () => undefined;
  return await reserve.take({ rows: 0, usd: wished - present });
}

function refusal(name: Move["name"], state: BatchState): DarkroomError {
  return new DarkroomError(
    "conflict",
    `This batch cannot be ${PAST[name]}: ${WHY[state] ?? `it has ended (${state})`}.`,
  );
}

const PAST: Readonly<Record<Move["name"], string>> = {
  pause: "paused",
  resume: "resumed",
  cancel: "cancelled",
  confirm: "confirmed",
  approve: "approved",
};

const WHY: Readonly<Partial<Record<BatchState, string>>> = {
  ingesting: "its source is still being read",
  awaiting_confirmation: "it waits for confirmation, so none of it runs",
  running: "it is running, and waits for no decision",
  awaiting_approval: "its pilot waits for approval, and nothing else of it runs",
  paused: "it is paused; resume it",
  finishing: "it is finishing: all of its portraits have ended, or it was cancelled, and its report is being written",
};
