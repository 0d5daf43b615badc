import type { EnhanceAnswer, UploadAnswer } from "@darkroom/provider-kit";

/**
 * What a request shows about the provider. `works`: it answers, even if it refuses this portrait. `unreached`: no
 * connection could be made. `fails`: the failure is typical of an outage. `nothing`: the fault may be the portrait's
 * or ours.
 */
export type SignOfHealth = "works" | "unreached" | "fails" | "nothing";

/** What the answer to a paid call shows. */
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
 * True when the account may have accepted the call's key, so that the call may be billed to it. False when it refused the
 * key, or the call did not arrive.
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

/** What an upload shows. A successful upload says nothing about calls. */
export function signOfUpload(answer: UploadAnswer): Exclude<SignOfHealth, "works"> {
  if (answer.kind !== "failed") return "nothing";
  if (answer.unreached === true) return "unreached";
  return answer.ofPicture === true ? "nothing" : "fails";
}
