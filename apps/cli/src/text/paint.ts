import type { Writable } from "node:stream";
import { styleText } from "node:util";

/** Meanings of colours. */
export type Tone = "good" | "warning" | "bad" | "quiet";

const COLOURS = { good: "green", warning: "yellow", bad: "red", quiet: "dim" } as const;

/** Colours a text if the stream is a terminal with colours. Respects `NO_COLOR` and `FORCE_COLOR`. */
export function paint(stream: Writable & { readonly isTTY?: boolean }, tone: Tone, text: string): string {
  if (stream.isTTY !== true && process.env["FORCE_COLOR"] === undefined) return text;
  return styleText(COLOURS[tone], text, { stream });
}
