import { DarkroomError, sha256 } from "@darkroom/core";
import type { BatchRecord, Order } from "@darkroom/ledger";
import type { Carry } from "../operations/running-operations.ts";
import type { Where } from "./action-schemas.ts";

/** The expected effect of an action, before it begins. */
export interface ActionPlan {
  /** Portraits that it concerns. */
  readonly matched: number;
  /** Maximum cost if each portrait is paid once; null without a price. */
  readonly costUsd: number | null;
  /** @param id the operation's */
  readonly carry: (id: string) => Carry;
}

/** Identifies an operation's order to the whole batch, which is based on the batch as it was read. */
export function orderOfOperation(id: string, { revision, round }: Pick<BatchRecord, "revision" | "round">): Order {
  return { id: sha256(id), says: sha256(id), madeFor: { revision, round } };
}

/** @throws DarkroomError `invalid_input` for a query of an action that always concerns the same portraits */
export function checkNoQuery(where: Where, why: string): void {
  if (Object.keys(where).length === 0) return;
  throw new DarkroomError("invalid_input", `where: ${why} Omit it.`, { field: "where" });
}
