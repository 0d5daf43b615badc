import { ERROR_CODES } from "@darkroom/core";
import { z } from "zod";

/** The actions on the portraits of a batch that match a query. */
export const ACTIONS = ["retry", "approve", "reject", "undo", "redo", "deliver", "answer"] as const;

const count = z.int().min(0);

/** Stored form of an action that is being carried out, or was. */
export const operationSchema = z.object({
  id: z.string(),
  tenant: z.string(),
  batch: z.string(),
  action: z.enum(ACTIONS),
  /** Key id of the caller. */
  createdBy: z.string(),
  /** Epoch ms, as all times here. */
  createdAt: z.number(),
  state: z.enum(["running", "completed", "failed"]),
  matched: count,
  done: count,
  costUsd: z.number().nullable(),
  counts: z.record(z.string(), count),
  problems: z.array(z.object({ index: count, id: z.string().nullable(), message: z.string() })),
  error: z.object({ code: z.enum(ERROR_CODES), detail: z.string() }).nullable(),
  /** Time of the last heartbeat of the process that runs it. */
  seenAt: z.number(),
  endedAt: z.number().nullable(),
});

export type Operation = z.infer<typeof operationSchema>;

/** The progress that an action reports. */
export type Progress = Partial<Pick<Operation, "done" | "counts" | "problems">>;
