import type { EnhanceAnswer, UploadAnswer } from "@darkroom/provider-kit";

/**
 * A request's evidence about the provider's health. `works`: the provider answers, even if it refuses this portrait.
 * `unreached`: no connection could be made. `fails`: the failure is typical of an outage. `nothing`: the portrait or
 * Darkroom may be at fault.
 */
export type SignOfHealth = "works" | "unreached" | "fails" | "nothing";

/** Classifies the answer to a paid call. */
export function signOfCall(answer: EnhanceAnswer): SignOfHealth {
  switch (answer.kind) {
    case "output":
    case "pictures":
    case "refused":
    case "link_unreached":
    case "busy":
    case "session_lost":
    case "clarification":
      return "works";
    case "failed":
      if (answer.unreached === true) return "unreached";
      return answer.code === "no_output" ? "nothing" : "fails";
    case "blocked":
    case "throttled":
    case "aborted":
      return "nothing";
  }
  return answer satisfies never;
}

/**
 * True when the account may have accepted the call's key and billed the call. False when the account refused the key,
 * or the call did not arrive.
 */
export function mayHaveAcceptedKey(answer: EnhanceAnswer): boolean {
  switch (answer.kind) {
    case "failed":
      return answer.sent && answer.declined !== true;
    case "blocked":
      return answer.reason !== "auth";
    case "aborted":
      return answer.sent;
    case "throttled":
      return false;
    case "output":
    case "pictures":
    case "refused":
    case "link_unreached":
    case "busy":
    case "session_lost":
    case "clarification":
      return true;
  }
  return answer satisfies never;
}

/** Classifies the answer to an upload. A successful upload gives no information about calls. */
export function signOfUpload(answer: UploadAnswer): Exclude<SignOfHealth, "works"> {
  if (answer.kind !== "failed") return "nothing";
  if (answer.unreached === true) return "unreached";
  return answer.ofPicture === true ? "nothing" : "fails";
}
