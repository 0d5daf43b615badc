import { shownUsd, simulatedMark } from "@darkroom/core/usd-text";
import type { BatchStatus } from "../api/types.ts";
import { count } from "../text/numbers.ts";

type Priced = Pick<BatchStatus, "portraitUsd" | "maxCostUsd" | "lane">;

/** Names the price of another try of some portraits, if it is known: `Try 212 again: about 42.40 USD`. */
export function retryLabel(status: Priced, portraits: number): string {
  const { portraitUsd, lane } = status;
  const again = `Try ${count(portraits, "portrait")} again`;
  return portraitUsd === null ? again : `${again}: about ${shownUsd(portraitUsd * portraits, lane)}`;
}

/** Says what another try of some portraits costs. */
export function retryQuestion({ portraitUsd, maxCostUsd, lane }: Priced, portraits: number): string {
  if (portraitUsd === null) return `Each of them may be paid once more${simulatedMark(lane)}.`;
  const sum = `${shownUsd(portraitUsd * portraits, lane)}, if each is paid once more for at most ${shownUsd(portraitUsd, lane)}.`;
  const budget = maxCostUsd === null ? "" : ` The batch's budget of ${shownUsd(maxCostUsd, lane)} holds for all of it.`;
  return `${sum}${budget}`;
}
