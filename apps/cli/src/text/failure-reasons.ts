import { shortList } from "@darkroom/core";
import type { PortraitView } from "../api/api-views.ts";

/** Limit of reasons shown per code, and of portraits named per reason. */
const MOST_REASONS = 2;
const MOST_NAMED = 3;
/** Length of a message, in characters, and of its end, which says what to do. */
const MOST_CHARS = 300;
const END_CHARS = 180;

/** Matches the location and the problem of a bad row; see core's `rejectedLine`. */
const BAD_ROW = /^(?:line (\d+)(?:, column [^:]*)?|column [^:]*): (.*)$/s;

/** A reason that several failed portraits share. */
export interface FailureReason {
  readonly words: string;
  /** "line 3" of a manifest, or the portrait's display name. */
  readonly who: readonly string[];
}

type Outcome = NonNullable<PortraitView["outcome"]>;
type Failed = Pick<PortraitView, "id" | "source"> & { readonly outcome: Pick<Outcome, "code" | "message"> | null };

/** Groups failed portraits by code and message. */
export function failureReasons(portraits: readonly Failed[]): ReadonlyMap<string, readonly FailureReason[]> {
  const found = new Map<string, Map<string, string[]>>();
  for (const { id, source, outcome } of portraits) {
    if (outcome === null || outcome.message === "") continue;
    const { words, line } = readMessage(outcome.code, outcome.message);
    const ofCode = found.get(outcome.code) ?? new Map<string, string[]>();
    found.set(outcome.code, ofCode);
    ofCode.set(words, [...(ofCode.get(words) ?? []), line ?? id ?? source ?? ""]);
  }
  return new Map(
    [...found].map(([code, ofCode]) => [code, [...ofCode].map(([words, who]) => ({ words, who }))] as const),
  );
}

function readMessage(code: string, message: string): { readonly words: string; readonly line?: string } {
  const [, line, words] = (code === "invalid_row" ? BAD_ROW.exec(message) : null) ?? [];
  if (words === undefined) return { words: message };
  return line === undefined ? { words } : { words, line: `line ${line}` };
}

/**
 * Formats the first reasons of a code: "2: mode "turbo" is not known; use max, eco (line 3, line 9)".
 *
 * @param count portraits with this code; the reasons may cover only some of them
 */
export function reasonsText(reasons: readonly FailureReason[], count: number): string {
  const shown = reasons.slice(0, MOST_REASONS).map(({ words, who }) => {
    const names = who.filter((name) => name !== "");
    const named = names.length === 0 ? "" : ` (${shortList(names, who.length, MOST_NAMED)})`;
    return `${who.length}: ${shortened(words)}${named}`;
  });
  const told = reasons.slice(0, MOST_REASONS).reduce((sum, { who }) => sum + who.length, 0);
  return `${shown.join("; ")}${count > told ? `; and ${count - told} more` : ""}`;
}

/** Shortens a message in its middle, because its end is the remedy. */
function shortened(words: string): string {
  const line = words.replaceAll(/\s+/g, " ");
  if (line.length <= MOST_CHARS) return line;
  return `${line.slice(0, MOST_CHARS - END_CHARS - 1)}…${line.slice(-END_CHARS)}`;
}
