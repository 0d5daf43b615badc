import type { Writable } from "node:stream";
import { SingleBar } from "cli-progress";
import { settledCount, type BatchStatus, type WaitReason } from "@darkroom/core";
import { barText } from "./bar-text.ts";
import { blockedText, progressText, unattendedText, waitTexts } from "./batch-line.ts";
import { paint } from "./paint.ts";
import { waitsForPerson } from "./waits-for-person.ts";

/** Shows how a batch goes on. */
export interface ProgressView {
  batch(status: BatchStatus): void;
  /** A line beside the progress. */
  note(text: string): void;
  /** A line about a portrait that failed, or whose try failed. */
  trouble(text: string): void;
  close(): void;
}

/** Between two lines where nobody sees a bar. */
export const LINE_EVERY_MS = 3_000;

export function createProgressView(
  stream: Writable & { readonly isTTY?: boolean; readonly columns?: number },
): ProgressView {
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

function noticeOf({ blocked, unstored, state, reason, waiting, unattended }: BatchStatus): string {
  if (unattended !== null) return `Waiting ${unattendedText(unattended)}`;
  if (blocked !== null) return `Waiting: ${blockedText({ blocked, unstored })}`;
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

/** Where the terminal does not say how wide it is. */
const DEFAULT_COLUMNS = 80;

function barSize(columns = DEFAULT_COLUMNS): number {
  return Math.max(8, Math.min(24, Math.floor(columns / 5)));
}

class BarView implements ProgressView {
  readonly #stream: Writable & { readonly columns?: number };
  readonly #bar: SingleBar;
  readonly #notices = new Notices();
  readonly #since = performance.now();
  #status: BatchStatus | undefined;

  constructor(stream: Writable & { readonly columns?: number }) {
    this.#stream = stream;
    this.#bar = new SingleBar({
      stream,
      format: "{bar} {value}/{total} {rest}",
      barsize: barSize(stream.columns),
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
    this.#bar.update(settledCount(status.counts), { rest: this.#rest(status) });
  }

  note(text: string): void {
    const active = this.#bar.isActive;
    if (active) this.#bar.stop();
    this.#stream.write(`${text}\n`);
    if (active && this.#status !== undefined) this.#start(this.#status);
  }

  trouble(text: string): void {
    this.note(paint(this.#stream, "warning", text));
  }

  close(): void {
    if (this.#bar.isActive) this.#bar.stop();
  }

  /** What fits behind the bar and its two numbers. */
  #rest(status: BatchStatus): string {
    const { columns = DEFAULT_COLUMNS } = this.#stream;
    const digits = 2 * String(status.counts.total).length + " / ".length;
    return barText(status, columns - barSize(columns) - digits - 1, performance.now() - this.#since);
  }

  #start(status: BatchStatus): void {
    this.#bar.start(status.counts.total, settledCount(status.counts), { rest: this.#rest(status) });
  }
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

  trouble(text: string): void {
    this.note(text);
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
