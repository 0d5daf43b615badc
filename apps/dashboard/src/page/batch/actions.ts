import type { Scope } from "@darkroom/access/scopes";
import { shownUsd } from "@darkroom/core/usd-text";
import type { BatchStatus } from "../api/types.ts";
import { causesOf } from "./causes.ts";
import { retryLabel, retryQuestion } from "./retry-price.ts";

/** An order to a whole batch. */
export interface BatchAction {
  /** The last segment of the order's path under `/v1/batches/{id}/`. */
  readonly name: "confirm" | "approve" | "pause" | "resume" | "cancel" | "retry";
  /** The required scope. Defaults to `manage`. */
  readonly scope?: Scope;
  readonly label: string;
  /** The question that confirms the order; undefined if the order neither costs nor loses anything. */
  readonly question?: string;
  readonly tone: "main" | "plain" | "danger";
  /** True if the order needs a new budget. */
  readonly asksBudget?: boolean;
}

/** Returns the orders that the state allows, the expected one first. */
export function actionsFor(status: BatchStatus): readonly BatchAction[] {
  const cancel: BatchAction = {
    name: "cancel",
    label: "Cancel",
    tone: "danger",
    question: "Waiting portraits never start. Results that are already there stay, and what runs is finished or ended.",
  };
  if (status.cancelling) return [];
  switch (status.state) {
    case "ingesting":
      return [cancel];
    case "awaiting_confirmation":
      return [{ name: "confirm", label: "Confirm and start", tone: "main", question: willCost(status) }, cancel];
    case "running":
      return [{ name: "pause", label: "Pause", tone: "plain" }, cancel];
    case "awaiting_approval":
      return [
        { name: "approve", scope: "review", label: "Approve the pilot", tone: "main", question: willCost(status) },
        cancel,
      ];
    case "paused":
      return [
        status.pausedBy === "budget"
          ? { name: "resume", label: "Raise the budget", tone: "main", asksBudget: true }
          : { name: "resume", label: "Resume", tone: "main" },
        cancel,
      ];
    case "finishing":
      return [cancel];
    case "completed":
      return [];
    case "completed_with_failures":
    case "cancelled":
    case "failed":
      return retry(status);
  }
  return status.state satisfies never;
}

function willCost({ estimatedCostUsd, costUsd, counts, lane }: BatchStatus): string {
  const left = counts.pending + counts.queued;
  if (estimatedCostUsd === null) return `${left.toLocaleString("en")} portraits start. Their price is not known.`;
  const more = Math.max(0, estimatedCostUsd - costUsd);
  return `${left.toLocaleString("en")} portraits start, for about ${shownUsd(more, lane)}.`;
}

function retry(status: BatchStatus): readonly BatchAction[] {
  const portraits = causesOf(status).reduce((sum, { retryable, count: some }) => sum + (retryable ? some : 0), 0);
  if (portraits === 0) return [];
  return [
    {
      name: "retry",
      label: retryLabel(status, portraits),
      tone: "main",
      question: retryQuestion(status, portraits),
    },
  ];
}
