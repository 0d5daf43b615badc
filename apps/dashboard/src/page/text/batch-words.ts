import type { PortraitState } from "@darkroom/core/portrait";
import type { BatchStatus } from "../api/types.ts";

/** Display names of batch states, and their urgency. */
export type Tone = "quiet" | "busy" | "good" | "warn" | "bad";

const ENDED: readonly BatchStatus["state"][] = ["completed", "completed_with_failures", "cancelled", "failed"];

export function isEnded({ state }: Pick<BatchStatus, "state">): boolean {
  return ENDED.includes(state);
}

/** Returns a batch's name, or otherwise its source folder or manifest and its destination. */
export function batchTitle({
  name,
  source,
  destination,
}: Pick<BatchStatus, "name" | "source" | "destination">): string {
  return name ?? `${lastPart(source)} to ${lastPart(destination)}`;
}

function lastPart(url: string): string {
  const parts = url.split("/").filter((part) => part !== "");
  const last = parts.at(-1) ?? url;
  try {
    return url.startsWith("file:") ? decodeURIComponent(last) : last;
  } catch {
    return last;
  }
}

/** Returns the display name of a portrait's state. */
export function stateName(state: PortraitState): string {
  return state === "skipped" ? "delivered before" : state;
}

const STATE_WORDS: Readonly<Record<BatchStatus["state"], { readonly words: string; readonly tone: Tone }>> = {
  ingesting: { words: "reading the source", tone: "busy" },
  awaiting_confirmation: { words: "waits for your confirmation", tone: "warn" },
  running: { words: "running", tone: "busy" },
  awaiting_approval: { words: "pilot waits for your approval", tone: "warn" },
  paused: { words: "paused", tone: "warn" },
  finishing: { words: "writing its report", tone: "busy" },
  completed: { words: "completed", tone: "good" },
  completed_with_failures: { words: "completed with failures", tone: "warn" },
  cancelled: { words: "cancelled", tone: "quiet" },
  failed: { words: "failed", tone: "bad" },
};

export function stateWords(status: Pick<BatchStatus, "state" | "cancelling">): {
  readonly words: string;
  readonly tone: Tone;
} {
  if (status.cancelling && !isEnded(status)) return { words: "cancelling", tone: "warn" };
  return STATE_WORDS[status.state];
}

/** Returns a batch's wait reasons, most important first; empty if it does not wait. */
export function waitLines(status: BatchStatus): readonly string[] {
  const { reason, unattended, blocked, waiting } = status;
  const waits = waiting
    .filter(({ reason: why }) => why !== "turn" && !(why === "lane_blocked" && blocked !== null))
    .map(({ count, endsWhen, message }) => {
      const who = count === 0 ? "The batch waits" : count === 1 ? "1 portrait waits" : `${count} portraits wait`;
      return `${who} until ${withoutBackticks(endsWhen)}${message === null ? "" : ` (${message})`}.`;
    });
  const paused = reason !== null && !isEnded(status) ? [sentence(reason)] : [];
  return [
    ...paused,
    ...(unattended === null ? [] : [sentence(unattended.message)]),
    ...(blocked === null ? [] : [`Its ${blocked.what} is blocked: ${sentence(blocked.message)}`]),
    ...waits,
  ];
}

function sentence(text: string): string {
  const plain = withoutBackticks(text);
  return /[.!?]$/.test(plain) ? plain : `${plain}.`;
}

function withoutBackticks(text: string): string {
  return text.replaceAll("`", "");
}
