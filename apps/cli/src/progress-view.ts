import type { Writable } from "node:stream";
import { SingleBar } from "cli-progress";
import { settledCount, type BatchStatus, type WaitReason } from "@darkroom/core";
import { blockedText, timeLeftText, progressText, rateText, unattendedText, waitTexts } from "./batch-line.ts";
import { waitsForPerson } from "./waits-for-person.ts";

/** Shows how a batch goes on. */
export interface ProgressView {
  batch(status: BatchStatus): void;
  /** A line beside the progress. */
  note(text: string): void;
  close(): void;
}

/** Between two lines where nobody sees a bar. */
export const LINE_EVERY_MS = 3_000;

export function createProgressView(stream: Writable & { readonly isTTY?: boolean }): ProgressView {
  return stream.isTTY === true ? new BarView(stream) : new LinesView(stream);
}

/** What a person is told once when it begins, and once when it is over. */
class Notices {
  #last = "";

  /** A line when something is new. */
  of(status: BatchStatus): string | undefined {
    if (waitsForPerson(status)) {
      // Whoever follows the batch has more to say of it.
      this.#last = "";
      return undefined;
    }
    const now = noticeOf(status);
    if (now === this.#last) return undefined;
    const before = this.#last;
    this.#last = now;
    return now === "" && before !== "" ? "It goes on." : now;
  }
}

function noticeOf({ blocked, state, reason, waiting, unattended }: BatchStatus): string {
  if (unattended !== null) return `Waiting ${unattendedText(unattended)}`;
  if (blocked !== null) return `Waiting: ${blockedText(blocked)}`;
  if (state === "paused") return `Paused${reason === null ? "" : `: ${reason}`}. What runs is finished first.`;
  const reasons = waiting.filter(({ reason }) => NOTABLE.includes(reason));
  return reasons.length === 0 ? "" : `Waiting ${waitTexts(reasons).join("; ")}`;
}

/** Waits that a person can do something about, or that hold up the whole batch. */
const NOTABLE: readonly WaitReason[] = [
  "window",
  "rate_limit",
  "storage",
  "destination_blocked",
  "other_batch",
  "unmet_needs",
  "source",
  "snapshot",
  "report",
];

class BarView implements ProgressView {
  readonly #stream: Writable;
  readonly #bar: SingleBar;
  readonly #notices = new Notices();
  #status: BatchStatus | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.#bar = new SingleBar({
      stream,
      format: "{bar} {value}/{total} {rest}",
      barsize: 24,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      hideCursor: true,
      clearOnComplete: true,
      fps: 10,
      gracefulExit: false,
      emptyOnZero: true,
    });
  }

  batch(status: BatchStatus): void {
    this.#status = status;
    const notice = this.#notices.of(status);
    if (notice !== undefined) this.note(notice);
    if (!this.#bar.isActive) this.#start(status);
    this.#bar.setTotal(status.counts.total);
    this.#bar.update(settledCount(status.counts), { rest: restText(status) });
  }

  note(text: string): void {
    const active = this.#bar.isActive;
    if (active) this.#bar.stop();
    this.#stream.write(`${text}\n`);
    if (active && this.#status !== undefined) this.#start(this.#status);
  }

  close(): void {
    if (this.#bar.isActive) this.#bar.stop();
  }

  #start(status: BatchStatus): void {
    this.#bar.start(status.counts.total, settledCount(status.counts), { rest: restText(status) });
  }
}

function restText({ counts, ratePerSecond, secondsLeft, state }: BatchStatus): string {
  const parts: string[] = [];
  for (const name of ["failed", "cancelled", "running", "retrying", "skipped"] as const) {
    if (counts[name] > 0) parts.push(`${counts[name]} ${name}`);
  }
  if (ratePerSecond !== null) parts.push(rateText(ratePerSecond));
  if (secondsLeft !== null) parts.push(timeLeftText(secondsLeft));
  if (state !== "running") parts.push(state);
  return parts.join(" · ");
}

class LinesView implements ProgressView {
  readonly #stream: Writable;
  readonly #notices = new Notices();
  #timer: NodeJS.Timeout | undefined;
  #shown = "";
  #next = "";
  #shownAt = -Infinity;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  batch(status: BatchStatus): void {
    const notice = this.#notices.of(status);
    if (notice !== undefined) this.note(notice);
    this.#next = `${status.state}: ${progressText(status)}`;
    const waitMs = this.#shownAt + LINE_EVERY_MS - performance.now();
    if (waitMs <= 0) this.#show();
    else this.#timer ??= setTimeout(() => this.#show(), waitMs);
  }

  note(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  close(): void {
    this.#show();
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#next === this.#shown) return;
    this.#shown = this.#next;
    this.#shownAt = performance.now();
    this.#stream.write(`${this.#next}\n`);
  }
}
