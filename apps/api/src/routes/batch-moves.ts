import { z } from "zod";
import { DarkroomError, type BatchState } from "@darkroom/core";
import type { BatchRecord, ControlMessage } from "@darkroom/ledger";
import { answer } from "../answer.ts";
import { batchParams, batchStatusSchema } from "../batch-schemas.ts";
import { readBatch, viewBatch } from "../batch-view.ts";
import { problems } from "../problem.ts";
import type { ApiServer, Services } from "../services.ts";

const reasonBody = z
  .strictObject({ reason: z.string().trim().min(1).max(500).optional().describe("Shown in the batch's status.") })
  .nullish();
const noBody = z.strictObject({}).nullish();

interface Move {
  readonly name: "pause" | "resume" | "cancel";
  readonly summary: string;
  readonly tell: Exclude<ControlMessage["type"], "batch-created" | "lane-nudge">;
  readonly run: (ledger: Services["ledger"], id: string, reason: string | undefined) => Promise<BatchState>;
  /** Whether the batch is now where it was to go, be it by an earlier call. */
  readonly done: (state: BatchState, record: BatchRecord) => boolean;
}

const MOVES: readonly Move[] = [
  {
    name: "pause",
    summary: "Take no more portraits of a batch; what runs is finished",
    tell: "batch-paused",
    run: (ledger, id, reason) => ledger.pause(id, reason ?? "paused by a person"),
    done: (state) => state === "paused",
  },
  {
    name: "resume",
    summary: "Go on with a paused batch",
    tell: "batch-resumed",
    run: (ledger, id) => ledger.resume(id),
    done: (state) => state === "running" || state === "ingesting",
  },
  {
    name: "cancel",
    summary: "End a batch: what waits is never started, what runs is ended or finished",
    tell: "batch-cancelled",
    run: (ledger, id, reason) => ledger.cancel(id, reason ?? "cancelled by a person"),
    done: (_, record) => record.cancelled,
  },
];

/** Pausing, resuming and cancelling; doing it twice does no harm. */
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
          body: move.name === "resume" ? noBody : reasonBody,
          response: { 200: answer("The batch, as it is now", batchStatusSchema), ...problems(400, 401, 404, 409, 503) },
        },
      },
      async (request) => {
        const { services } = app;
        const { id } = request.params;
        await readBatch(services, id);
        const { body } = request;
        const reason = body !== null && body !== undefined && "reason" in body ? body.reason : undefined;
        const state = await move.run(services.ledger, id, reason);
        const record = await readBatch(services, id);
        if (!move.done(state, record)) throw refusal(move.name, state);
        await services.bus.tell({ type: move.tell, batch: id });
        return await viewBatch(services, record);
      },
    );
  }
}

function refusal(name: Move["name"], state: BatchState): DarkroomError {
  const why =
    state === "finishing"
      ? "it is finishing: all of its portraits have ended, or it was cancelled, and its report is being written"
      : `it has ended (${state})`;
  return new DarkroomError("conflict", `This batch cannot be ${PAST[name]}: ${why}.`);
}

const PAST: Readonly<Record<Move["name"], string>> = { pause: "paused", resume: "resumed", cancel: "cancelled" };
