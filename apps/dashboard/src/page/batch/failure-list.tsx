import type { BatchStatus } from "../api/types.ts";
import { causesOf } from "./causes.ts";

/** Lists why portraits failed: the number and a description of each cause. */
export function FailureList({ status }: { readonly status: BatchStatus }) {
  const causes = causesOf(status);
  if (causes.length === 0) return null;
  return (
    <ul class="causes" aria-label="Why portraits failed">
      {causes.map(({ code, count, meaning, retryable }) => (
        <li key={code}>
          <b>{count.toLocaleString("en")}</b> {meaning}
          <span class="note">{retryable ? "another try may succeed" : "another try ends the same"}</span>
        </li>
      ))}
    </ul>
  );
}
