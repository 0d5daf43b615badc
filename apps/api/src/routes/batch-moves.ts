import { z } from "zod";
import { controlSchema, DarkroomError, type BatchState } from "@darkroom/core";
import { MICRO, type BatchRecord, type ControlMessage } from "@darkroom/ledger";
import { answer } from "../answer.ts";
import { batchParams, batchStatusSchema } from "../batch-schemas.ts";
import { readBatch, viewBatch } from "../batch-view.ts";
import { problems } from "../problem.ts";
import type { ApiServer, Services } from "../services.ts";

const reasonBody = z
  .strictObject({ reason: z.string().trim().min(1).max(500).optional().describe("Shown in the batch's status.") })
  .nullish();
const resumeBody = z
  .strictObject({
    maxCostUsd: controlSchema.shape.maxCostUsd.describe(
      "The budget from now on, also of a batch that runs; needed when the budget paused it.",
    ),
  })
  .nullish();
const noBody = z.strictObject({}).nullish();

interface MoveBody {
  readonly reason?: string | undefined;
  readonly maxCostUsd?: number | undefined;
}

interface Move {
  readonly name: "pause" | "resume" | "cancel" | "confirm" | "approve";
  readonly summary: string;
  readonly body: typeof reasonBody | typeof resumeBody | typeof noBody;
  readonly tell: Extract<ControlMessage["type"], `batch-${string}`>;
  readonly run: (ledger: Services["ledger"], id: string, body: MoveBody) => Promise<BatchState>;
  /** Whether the batch is now where it was to go, be it by an earlier call. */
  readonly done: (state: BatchState, record: BatchRecord) => boolean;
}

const goesOn = (state: BatchState): boolean =>
  state === "running" || state === "ingesting" || state === "awaiting_confirmation";

const MOVES: readonly Move[] = [
  {
    name: "pause",
    summary: "Take no more portraits of a batch; what runs is finished",
    body: reasonBody,
    tell: "batch-paused",
    run: (ledger, id, { reason }) => ledger.control.pause(id, reason ?? "paused by a person"),
    done: (state) => state === "paused",
  },
  {
    name: "resume",
    summary: "Go on with a paused batch",
    body: resumeBody,
    tell: "batch-resumed",
    run: resumeBatch,
    done: goesOn,
  },
  {
    name: "cancel",
    summary: "End a batch: what waits is never started, what runs is ended or finished",
    body: reasonBody,
    tell: "batch-cancelled",
    run: (ledger, id, { reason }) => ledger.control.cancel(id, reason ?? "cancelled by a person"),
    done: (_, record) => record.cancelled || record.endNow !== undefined,
  },
  {
    name: "confirm",
    summary: "Let a batch that waits for confirmation begin",
    body: noBody,
    tell: "batch-resumed",
    run: (ledger, id) => ledger.control.confirm(id),
    done: (state, record) => !record.unconfirmed && (state === "running" || state === "awaiting_approval"),
  },
  {
    name: "approve",
    summary: "Let a batch whose pilot was looked at go on with the rest",
    body: noBody,
    tell: "batch-resumed",
    run: (ledger, id) => ledger.control.approve(id),
    done: (state, record) => state === "running" && record.pilot === undefined,
  },
];

async function resumeBatch(ledger: Services["ledger"], id: string, { maxCostUsd }: MoveBody): Promise<BatchState> {
  const before = await ledger.read(id);
  if (maxCostUsd !== undefined && before?.maxCostUsd === undefined) {
    throw new DarkroomError("invalid_input", "maxCostUsd: this batch was submitted without a budget.", {
      field: "maxCostUsd",
    });
  }
  const micro = maxCostUsd === undefined ? undefined : Math.round(maxCostUsd * MICRO);
  const { state, overBudget } = await ledger.control.resume(id, micro);
  if (!overBudget) return state;
  throw new DarkroomError(
    "conflict",
    `This batch is paused by its budget of ${before?.maxCostUsd ?? 0} USD. Resume it with a higher maxCostUsd, or cancel it.`,
    { field: "maxCostUsd" },
  );
}

/** Pausing, resuming, cancelling, confirming and approving; doing it twice does no harm. */
export async function batchMoveRoutes(app: ApiServer): Promise<void> {
  for (const move of MOVES) {
    app.post(
      `/batches/:id/${move.name}`,
      {
        schema: {
          operationId: `${move.name}Batch`,
          summary: move.summary,
          tags: ["batches"],
          params: batchParams,
          body: move.body,
          response: { 200: answer("The batch, as it is now", batchStatusSchema), ...problems(400, 401, 404, 409, 503) },
        },
      },
      async (request) => {
        const { services } = app;
        const { id } = request.params;
        await readBatch(services, id);
        const state = await move.run(services.ledger, id, request.body ?? {});
        const record = await readBatch(services, id);
        if (!move.done(state, record)) throw refusal(move.name, state);
        await services.bus.tell({ type: move.tell, batch: id });
        return await viewBatch(services, record);
      },
    );
  }
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
  awaiting_confirmation: "it waits to be confirmed, so that nothing of it runs",
  running: "it runs, and waits for nobody",
  awaiting_approval: "its pilot waits to be approved, and nothing else of it runs",
  paused: "it is paused; resume it",
  finishing: "it is finishing: all of its portraits have ended, or it was cancelled, and its report is being written",
};
