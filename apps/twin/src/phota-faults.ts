import type { FaultKind } from "./fault.ts";

interface PhotaFaultRule {
  /** True if a faulted call is billed. */
  readonly billed: boolean;
  /** The effect in one line. A test compares kinds and billing with `docs/twin.md`. */
  readonly meaning: string;
}

const nothing: PhotaFaultRule = { billed: true, meaning: "nothing: Phota has no such behaviour" };
const halved: PhotaFaultRule = { billed: true, meaning: "cuts in the middle of the answer" };

/** The same faults at Phota, which has neither streams nor sessions. */
export const PHOTA_FAULTS: Readonly<Record<FaultKind, PhotaFaultRule>> = {
  http: { billed: false, meaning: "answers with an HTTP error status" },
  reset: { billed: false, meaning: "resets the connection; the request never arrived" },
  reset_after_accept: { billed: true, meaning: "resets the connection; the work continues" },
  no_headers: { billed: true, meaning: "never answers; the work continues" },
  cut_after_events: halved,
  cut_after_generation: halved,
  cut_mid_event: halved,
  silence: { billed: true, meaning: "sends half of the answer; the connection stays open" },
  trickle: { billed: true, meaning: "sends headers, then white space forever" },
  memory_lost: { billed: true, meaning: "resets the connection; the work continues" },
  error_event: { billed: false, meaning: "answers HTTP 500 with `message` and `error_code`" },
  content_policy: { billed: false, meaning: "answers HTTP 400 with `CONTENT_MODERATION`" },
  no_face: { billed: false, meaning: "answers HTTP 400: no face detected" },
  balance: { billed: false, meaning: "answers HTTP 402" },
  ask: nothing,
  no_output: { billed: false, meaning: "answers without a picture" },
  bad_output: { billed: true, meaning: "returns a missing, corrupt, unchanged or video result" },
  wrong_face: {
    billed: true,
    meaning: "returns another person, one picture for all, or a changed, second or lost face",
  },
  c2pa: { billed: true, meaning: "puts a C2PA manifest into the picture's file" },
  slow_download: { billed: true, meaning: "the result downloads slowly" },
  complete_error: nothing,
  workflow: nothing,
  drafts: nothing,
  session_busy: nothing,
  session_forgotten: nothing,
  split_utf8: { billed: true, meaning: "sends the answer in chunks of a few bytes" },
  crlf: { billed: true, meaning: "breaks lines with CRLF and sends the fields in another order" },
  unrecognised: { billed: true, meaning: "recognises none of the profiles" },
};
