import { randomBytes } from "node:crypto";
import { DarkroomError, protocolMs } from "@darkroom/core";
import type { FastifyBaseLogger } from "fastify";
import { toProblem } from "../http/problem.ts";
import type { Operation, Progress } from "./operation.ts";
import type { OperationBook } from "./operation-book.ts";

/** Operations of one process at a time. */
const MOST_RUNNING = 16;
/** Interval of an operation's heartbeats. */
const SEEN_EVERY_MS = protocolMs(5_000);
/** An operation whose process was silent for this long is interrupted. */
export const LOST_AFTER_MS = protocolMs(30_000);
/** Shortest time between two writes of an operation's progress. */
const WRITE_EVERY_MS = protocolMs(400);
const RETRY_AFTER_MS = 10_000;

/** The inputs of an operation. */
export type NewOperation = Pick<Operation, "tenant" | "batch" | "action" | "createdBy" | "matched" | "costUsd">;

/** Carries out an action. Stops between two steps when `signal` aborts. */
export type Carry = (report: (progress: Progress) => void, signal: AbortSignal) => Promise<void>;

interface Needs {
  readonly book: OperationBook;
  readonly log: FastifyBaseLogger;
  /** Redis' clock. */
  readonly nowMs: () => number;
}

/** Carries out the operations of this process, behind the requests that started them. */
export class RunningOperations {
  readonly #needs: Needs;
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /**
   * Starts an operation. Its progress and its end are in the book.
   *
   * @throws DarkroomError `overloaded` if this process carries out too many
   */
  async start(given: NewOperation, carry: (id: string) => Carry): Promise<Operation> {
    if (this.#running.size >= MOST_RUNNING) {
      const message = "This server already carries out many operations. Nothing was changed. Send the request again.";
      throw new DarkroomError("overloaded", message, { retryable: true, retryAfterMs: RETRY_AFTER_MS });
    }
    const now = this.#needs.nowMs();
    const operation: Operation = {
      ...given,
      id: `op_${randomBytes(16).toString("hex")}`,
      createdAt: now,
      state: "running",
      done: 0,
      counts: {},
      problems: [],
      error: null,
      seenAt: now,
      endedAt: null,
    };
    await this.#needs.book.write(operation);
    const running = this.#carryOut(operation, carry(operation.id)).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return operation;
  }

  /** Stops the operations between two steps, and waits until they have stopped. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running);
  }

  async #carryOut(begun: Operation, carry: Carry): Promise<void> {
    const { book, log, nowMs } = this.#needs;
    const { signal } = this.#closing;
    let operation = begun;
    let writing = Promise.resolve();
    const write = (change: Partial<Operation>): void => {
      operation = { ...operation, ...change, seenAt: nowMs() };
      const now = operation;
      writing = writing
        .then(async () => await book.write(now))
        .catch((error: unknown) => log.warn({ err: error, operation: now.id }, "writing an operation"));
    };
    let writtenAt = 0;
    const report = (progress: Progress): void => {
      operation = { ...operation, ...progress };
      if (performance.now() - writtenAt < WRITE_EVERY_MS) return;
      writtenAt = performance.now();
      write({});
    };
    const timer = setInterval(() => write({}), SEEN_EVERY_MS);
    try {
      await carry(report, signal);
      write({ state: "completed", endedAt: nowMs() });
    } catch (error) {
      const { code, detail } = signal.aborted ? STOPPED : toProblem(error);
      log.warn({ err: error, operation: operation.id, batch: operation.batch }, "operation failed");
      write({ state: "failed", error: { code, detail }, endedAt: nowMs() });
    } finally {
      clearInterval(timer);
      await writing;
    }
  }
}

const STOPPED = {
  code: "overloaded",
  detail: "The server stopped. What was done stays; send the action again for the rest.",
} as const;
