import { expect, test } from "vitest";
import type { EnhanceAnswer, UploadAnswer } from "@darkroom/provider-kit";
import { mayHaveAcceptedKey, signOfCall, signOfUpload } from "./sign-of-health.ts";

const message = "";
const failed = { kind: "failed", code: "provider_error", sent: true, billed: "maybe", message } as const;

test.each<[EnhanceAnswer, string]>([
  [{ kind: "output", url: "https://cdn.test/a.jpg" }, "works"],
  [{ kind: "pictures", pictures: [] }, "works"],
  [{ kind: "refused", code: "no_face", billed: "no", message }, "works"],
  [{ kind: "link_unreached", message }, "works"],
  [{ kind: "busy", message }, "works"],
  [{ kind: "session_lost", message }, "works"],
  [{ kind: "clarification", question: "", options: [], message }, "works"],
  [failed, "fails"],
  [{ ...failed, code: "timeout" }, "fails"],
  [{ ...failed, sent: false, billed: "no" }, "fails"],
  [{ ...failed, sent: false, billed: "no", unreached: true }, "unreached"],
  [{ ...failed, code: "no_output", billed: "no" }, "nothing"],
  [{ kind: "blocked", reason: "auth", message }, "nothing"],
  [{ kind: "throttled", retryAfterMs: 1, message }, "nothing"],
  [{ kind: "aborted", sent: true, message }, "nothing"],
])("a call that is answered with %o shows: %s", (answer, sign) => {
  expect(signOfCall(answer)).toBe(sign);
});

test.each<[UploadAnswer, string]>([
  [{ kind: "uploaded", url: "https://storage.test/a.jpg", expiresAt: 1 }, "nothing"],
  [{ kind: "failed", message }, "fails"],
  [{ kind: "failed", message, retryAfterMs: 1 }, "fails"],
  [{ kind: "failed", message, unreached: true }, "unreached"],
  [{ kind: "failed", message, ofPicture: true }, "nothing"],
  [{ kind: "refused", code: "too_large", message }, "nothing"],
  [{ kind: "blocked", reason: "auth", message }, "nothing"],
  [{ kind: "throttled", retryAfterMs: 1, message }, "nothing"],
])("an upload that is answered with %o shows: %s", (answer, sign) => {
  expect(signOfUpload(answer)).toBe(sign);
});

test.each<[EnhanceAnswer, boolean]>([
  [{ kind: "output", url: "https://cdn.test/a.jpg" }, true],
  [{ kind: "refused", code: "no_face", billed: "no", message }, true],
  [failed, true],
  [{ ...failed, sent: false, billed: "no" }, false],
  [{ ...failed, billed: "no", declined: true }, false],
  [{ kind: "blocked", reason: "auth", message }, false],
  [{ kind: "blocked", reason: "balance", message }, true],
  [{ kind: "throttled", retryAfterMs: 1, message }, false],
  [{ kind: "aborted", sent: true, message }, true],
  [{ kind: "aborted", sent: false, message }, false],
])("after %o the account may have accepted the key: %s", (answer, may) => {
  expect(mayHaveAcceptedKey(answer)).toBe(may);
});
