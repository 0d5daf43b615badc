import { OUTCOME_CODES, type BatchStatus, type OutcomeCode } from "@darkroom/core";

/** The cause of the failures that made the breaker pause a batch. */
type Matter = "provider" | "place" | "result" | "recipe" | "photos" | "darkroom";

const MATTERS: Readonly<Record<OutcomeCode, Matter>> = {
  ok: "photos",
  already_delivered: "photos",
  kept: "photos",
  invalid_row: "photos",
  source_missing: "place",
  source_unreadable: "place",
  source_not_allowed: "photos",
  invalid_image: "photos",
  unsupported_format: "photos",
  too_large: "photos",
  too_small: "photos",
  no_face: "photos",
  content_policy: "recipe",
  invalid_request: "recipe",
  needs_clarification: "recipe",
  no_output: "recipe",
  unchanged_output: "recipe",
  blank_output: "recipe",
  corrupt_output: "result",
  result_unavailable: "result",
  source_changed: "photos",
  shared_picture: "photos",
  not_alike: "recipe",
  destination_taken: "place",
  timeout: "provider",
  provider_error: "provider",
  answer_lost: "provider",
  worker_died: "photos",
  unstorable_name: "photos",
  storage_error: "place",
  cancelled: "photos",
  cancelled_in_flight: "photos",
  over_budget: "photos",
  deadline_passed: "photos",
  internal: "darkroom",
};

/** Returns advice for a batch that its failure breaker has paused, depending on the failure code. */
export function breakerAdvice({ id, reason }: Pick<BatchStatus, "id" | "reason">): string {
  const code = OUTCOME_CODES.find((each) => reason?.endsWith(` ${each}`) === true);
  const look = `darkroom portraits ${id} --state failed shows what failed`;
  const goOn = `darkroom resume ${id} continues with the rest`;
  // Without a code, the reason already contains the advice.
  if (code === undefined) return `${goOn}.`;
  const again = `darkroom retry ${id} --code ${code}`;
  const matter = MATTERS[code];
  switch (matter) {
    case "provider":
      return `The provider failed, not the photos or the recipe. Once it works again, ${again} reopens what failed, and ${goOn}.`;
    case "place":
      return `${look}, and why. Fix that first; then ${again} reopens it, and ${goOn}.`;
    case "result":
      return `${again} looks for the paid pictures once more, and ${goOn}.`;
    case "recipe":
      return `${look}. ${again} --prompt "…" reopens it with another recipe, and ${goOn}.`;
    case "photos":
      return `${look}: the cause is these photos, not the recipe; ${goOn}.`;
    case "darkroom":
      return `It is a bug in Darkroom: report it with the log around it. Then ${again} reopens what failed, and ${goOn}.`;
  }
  return matter satisfies never;
}
