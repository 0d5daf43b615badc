import type { Tone } from "../text/batch-words.ts";

export function StateBadge({ words, tone }: { readonly words: string; readonly tone: Tone }) {
  return <span class={`badge ${tone}`}>{words}</span>;
}
