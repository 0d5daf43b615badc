import { billedWith, DarkroomError, mayBePaid, outcomeOf, withFailedAttempt } from "@darkroom/core";
import type { UploadAnswer, UploadRequest } from "@darkroom/provider-kit";
import { serverNow } from "@darkroom/redis-kit";
import type { PortraitRun } from "../run/portrait-run.ts";
import { costOfFailure } from "../enhance/cost-of-failure.ts";
import { RunEnded, type RunDecision } from "../run/run-ending.ts";
import { linkSeconds } from "./link-to.ts";
import { providerFailed, waitForConnection } from "../run/after-failure.ts";
import { signOfUpload } from "../lanes/sign-of-health.ts";
import { failedInOutage, isUnreached } from "../lanes/lane-health.ts";

/** Timeout of an upload. The portrait is retried later. */
const UPLOAD_MS = 120_000;

/** Uploads a picture to the provider's temporary storage and returns its URL, or ends the run. Uploads are free. */
export async function uploadPicture(
  run: PortraitRun,
  { bytes, contentType }: Pick<UploadRequest, "bytes" | "contentType">,
): Promise<string> {
  const { context, lane, receipt, signal, timing } = run;
  const { provider, gate } = lane;
  if (provider.upload === undefined) throw new DarkroomError("internal", `${provider.name} has no storage of its own`);
  const expiresInSeconds = linkSeconds(timing);
  const limits = AbortSignal.any([signal, AbortSignal.timeout(UPLOAD_MS)]);
  const [enteredAt, startedAt] = [serverNow(), performance.now()];
  const answer = await provider.upload({ bytes, contentType, expiresInSeconds }, limits);
  signal.throwIfAborted();
  switch (answer.kind) {
    case "uploaded":
      return answer.url;
    case "blocked":
      throw new RunEnded({ kind: "blocked", reason: answer.reason, message: answer.message });
    case "throttled": {
      await gate.hold(answer.retryAfterMs);
      const askedMs = Math.min(answer.retryAfterMs, timing.retryAfterCapMs);
      const delayMs = askedMs + Math.floor(context.random() * 1_000);
      throw new RunEnded({ kind: "later", reason: "rate_limit", delayMs, message: answer.message });
    }
    case "refused": {
      const billed = billedWith(receipt, "no");
      const outcome = outcomeOf(receipt, answer.code, answer.message, billed);
      throw new RunEnded({ kind: "settle", outcome });
    }
    case "failed": {
      const ended = { enteredAt, tookMs: performance.now() - startedAt, sign: signOfUpload(answer) };
      throw run.endWith(failedUpload(run, answer, await failedInOutage(run, ended)));
    }
  }
  return answer satisfies never;
}

/**
 * Decides the consequence of a failed upload. No money was spent. The failure costs an attempt in the same cases as a
 * failed call.
 */
function failedUpload(
  { lane, receipt, limits }: PortraitRun,
  answer: Extract<UploadAnswer, { kind: "failed" }>,
  outage: boolean,
): RunDecision {
  const { message, retryAfterMs } = answer;
  const { remembers } = lane.provider;
  const call = { sent: false, unreached: isUnreached(lane, answer), declined: false, remembers, outage };
  const cost = costOfFailure({ ...call, billed: "no" });
  if (outage) return { receipt, ending: { kind: "blocked", reason: "outage", message } };
  if (cost === "nothing") return waitForConnection(receipt, message, limits);
  // The answer of an earlier call of this step may still be recalled.
  const mayBeFound = receipt.calls.some(mayBePaid) && remembers;
  const billed = mayBeFound ? "maybe" : billedWith(receipt, "no");
  // The photo is sent with the first step's call, so the attempt counts for step 0.
  const counted = withFailedAttempt(receipt, 0, limits.now);
  return providerFailed(counted, { code: "provider_error", message, billed, retryAfterMs, mayBeFound }, limits);
}
