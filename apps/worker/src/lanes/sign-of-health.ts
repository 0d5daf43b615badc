import type { EnhanceAnswer, UploadAnswer } from "@darkroom/provider-kit";

/**
 * What a request to a provider shows of it as a whole. `works`: it answers, be it with a refusal of this portrait.
 * `unreached`: no connection to it can be made. `fails`: it failed as each request may fail while it is away. `nothing`:
 * the failure may be this portrait's own, or ours.
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

/** What an upload shows. That one has succeeded says nothing of the calls. */
export function signOfUpload(answer: UploadAnswer): Exclude<SignOfHealth, "works"> {
  if (answer.kind !== "failed") return "nothing";
  if (answer.unreached === true) return "unreached";
  return answer.ofPicture === true ? "nothing" : "fails";
}
