import type { Writable } from "node:stream";
import { SingleBar } from "cli-progress";
import { isEnded, settledCount, type BatchStatus, type WaitReason } from "@darkroom/core";
import { barText } from "../text/bar-text.ts";
import { blockedText, budgetText, progressText, shownState, unattendedText } from "../text/batch-line.ts";
import { paint } from "../text/paint.ts";
import { wholePilot, wholePilotText } from "../text/pilot-text.ts";
import { waitTexts } from "../text/wait-words.ts";
import { waitsForPerson } from "./waits-for-person.ts";

/** Shows a batch's progress. */
export interface ProgressView {
  batch(status: BatchStatus): void;
  /** Prints a line in addition to the progress display. */
  note(text: string): void;
  /** Prints a line about a failed portrait or attempt. */
  trouble(text: string): void;
  close(): void;
}

/** Interval between lines without a progress bar. */
const LINE_EVERY_MS = 3_000;

export function createProgressView(
  stream: Writable & { readonly isTTY?: boolean; readonly columns?: number },
): ProgressView {
  return stream.isTTY === true ? new BarView(stream) : new LinesView(stream);
}

/** Shorter waits are normal and are not shown. */
const WAIT_IS_LONG_MS = 3_000;

/**
 * Reports each delay of a batch once, and once that the batch continues. Reports a wait only after it has lasted for a
 * while.
 */
class Notices {
  readonly #tell: (text: string) => void;
  #told = "";
  /** A wait that is reported unless it ends soon. */
  #begun: { readonly timer: NodeJS.Timeout; notice: Notice } | undefined;
  #isBudgetTold = false;
  #isPilotTold = false;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  take(status: BatchStatus): void {
    const budget = budgetText(status);
    if (budget !== undefined && !this.#isBudgetTold) {
      this.#isBudgetTold = true;
      this.#tell(budget);
    }
    const pilot = wholePilot(status);
    if (pilot !== undefined && !this.#isPilotTold) {
      this.#isPilotTold = true;
      this.#tell(wholePilotText(pilot));
    }
    if (waitsForPerson(status) || isEnded(status.state)) {
      // The caller prints more about the batch.
      this.close();
      this.#told = "";
      return;
    }
    const notice = noticeOf(status);
    if (!notice.mayPass || keyOf(notice) === this.#told) {
      this.close();
      this.#say(notice);
    } else if (this.#begun === undefined) {
      const timer = setTimeout(() => {
        const { notice: now = NOTHING } = this.#begun ?? {};
        this.#begun = undefined;
        this.#say(now);
      }, WAIT_IS_LONG_MS);
      timer.unref();
      this.#begun = { timer, notice };
    } else {
      this.#begun.notice = notice;
    }
  }

  close(): void {
    clearTimeout(this.#begun?.timer);
    this.#begun = undefined;
  }

  #say(notice: Notice): void {
    const key = keyOf(notice);
    if (key === this.#told) return;
    this.#told = key;
    this.#tell(notice.text === "" ? "It continues." : notice.text);
  }
}

interface Notice {
  /** Empty if nothing delays the batch. */
  readonly text: string;
  /** True if the wait is reported only when it lasts. */
  readonly mayPass: boolean;
  /** Identifies the wait if its text changes with each poll. Defaults to the text. */
  readonly about?: string;
}

const CANCELLED = "The batch was cancelled: portraits in flight end, and its report is written.";
const NOTHING: Notice = { text: "", mayPass: false };

function keyOf({ text, about = text }: Notice): string {
  return about;
}

function noticeOf(status: BatchStatus): Notice {
  const { blocked, state, pausedBy, reason, waiting, unattended, cancelling } = status;
  if (unattended !== null) {
    const budget = state === "paused" && pausedBy === "budget" ? `${pausedText(reason)}. ` : "";
    return { text: `${budget}Waiting ${unattendedText(unattended)}`, mayPass: false };
  }
  if (blocked !== null) return { text: `Waiting: ${blockedText({ ...status, blocked })}`, mayPass: false };
  if (cancelling) return { text: CANCELLED, mayPass: false };
  if (state === "paused") return { text: `${pausedText(reason)}. Portraits in flight finish first.`, mayPass: false };
  const reasons = waiting.filter(({ reason }) => NOTABLE.includes(reason));
  if (reasons.length === 0) return idleNotice(status);
  return {
    text: `Waiting ${waitTexts(reasons).join("; ")}`,
    about: reasons
      .map(({ reason, message }) => `${reason} ${message ?? ""}`)
      .toSorted()
      .join("; "),
    mayPass: !reasons.some(({ reason }) => LASTING.includes(reason)),
  };
}

function pausedText(reason: BatchStatus["reason"]): string {
  if (reason === null) return "Paused";
  return reason.startsWith("paused ") ? `Paused${reason.slice("paused".length)}` : `Paused: ${reason}`;
}

/** If nothing is running, each wait is reported once, for example for an earlier call's result. */
function idleNotice({ counts, waiting }: BatchStatus): Notice {
  const texts = counts.running > 0 || counts.retrying === 0 ? [] : waitTexts(waiting);
  if (texts.length === 0) return NOTHING;
  const about = waiting.map(({ reason }) => reason).join(" ");
  return { text: `Nothing is running. Waiting ${texts.join("; ")}`, mayPass: true, about };
}

/** Waits that always last longer than a moment. */
const LASTING: readonly WaitReason[] = ["window", "unmet_needs"];

/** Waits that a user can resolve, or that delay the whole batch. */
const NOTABLE: readonly WaitReason[] = [
  "window",
  "rate_limit",
  "storage",
  "destination_blocked",
  "unstored_results",
  "other_batch",
  "unmet_needs",
  "source",
  "snapshot",
  "report",
];

/** Width of a terminal that does not report one. */
const DEFAULT_COLUMNS = 80;

function barSize(columns = DEFAULT_COLUMNS): number {
  return Math.max(8, Math.min(24, Math.floor(columns / 5)));
}

class BarView implements ProgressView {
  readonly #stream: Writable & { readonly columns?: number };
  readonly #bar: SingleBar;
  readonly #notices = new Notices((text) => this.note(text));
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
    this.#notices.take(status);
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
    this.#notices.close();
    if (this.#bar.isActive) this.#bar.stop();
  }

  /** Returns the text that fits after the bar and its two numbers. */
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
  readonly #notices = new Notices((text) => this.note(text));
  #timer: NodeJS.Timeout | undefined;
  #shown = "";
  #next = "";
  #shownAt = -Infinity;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  batch(status: BatchStatus): void {
    this.#notices.take(status);
    this.#next = `${shownState(status)}: ${progressText(status)}`;
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
    this.#notices.close();
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
