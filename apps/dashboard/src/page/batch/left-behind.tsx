import type { BatchStatus } from "../api/types.ts";
import { count } from "../text/numbers.ts";

const KINDS: Readonly<Record<keyof BatchStatus["leftBehind"], string>> = {
  earlier_photo: "a result of an earlier photo",
  earlier_result: "an earlier result of the same photo",
  other_recipe: "a result of another recipe",
  simulated: "a simulated picture",
  other_file: "a file that Darkroom did not make",
  not_examined: "a file that was not examined",
};

/** Says which older files are at the destination under the names of portraits without a picture. */
export function LeftBehindList({ status: { leftBehind } }: { readonly status: BatchStatus }) {
  const found = (Object.entries(leftBehind) as [keyof typeof KINDS, number][]).filter(([, number]) => number > 0);
  if (found.length === 0) return null;
  return (
    <ul class="waits" aria-label="Older files at the destination">
      {found.map(([kind, number]) => (
        <li key={kind}>
          {count(number, "portrait")} without a picture: the destination has {KINDS[kind]} under{" "}
          {number === 1 ? "its name" : "their names"}.
        </li>
      ))}
    </ul>
  );
}
