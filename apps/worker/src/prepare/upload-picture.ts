import { DarkroomError, billedWith, mayBePaid, outcomeOf } from "@darkroom/core";
import type { UploadAnswer, UploadRequest } from "@darkroom/provider-kit";
import { serverNow } from "@darkroom/redis-kit";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
import { costOfFailure } from "../enhance/cost-of-failure.ts";
import { EndRun, type Ending } from "../run/run-ending.ts";
import { linkSeconds } from "./link-to.ts";
import type { ReceiptBox } from "../enhance/receipt-box.ts";
import { providerFailed, waitForConnection } from "../run/retry.ts";
import { signOfUpload } from "../lanes/sign-of-health.ts";
import { failedInOutage, isUnreached } from "../lanes/lane-health.ts";

/** An upload that takes longer is begun anew later. */
const UPLOAD_MS = 120_000;

/** For whose call a picture is put there. */
interface Uploading {
  readonly context: WorkerContext;
  readonly lane: LaneContext;
  readonly claimed: Claimed;
  readonly box: ReceiptBox;
}

/** Puts a picture into the provider's own short-lived storage and gives its URL, or ends the run. Costs nothing. */
export async function uploadPicture(
  uploading: Uploading,
  { bytes, contentType }: Pick<UploadRequest, "bytes" | "contentType">,
): Promise<string> {
  const { context, lane, claimed, box } = uploading;
  const { provider, gate } = lane;
  const { signal } = claimed;
  if (provider.upload === undefined) throw new DarkroomError("internal", `${provider.name} has no storage of its own`);
  const expiresInSeconds = linkSeconds(context.timing);
  const limits = AbortSignal.any([signal, AbortSignal.timeout(UPLOAD_MS)]);
  const [enteredAt, startedAt] = [serverNow(), performance.now()];
  const answer = await provider.upload({ bytes, contentType, expiresInSeconds }, limits);
  signal.throwIfAborted();
  const receipt = box.current;
  switch (answer.kind) {
    case "uploaded":
      return answer.url;
    case "blocked":
      throw new EndRun({ kind: "blocked", reason: answer.reason, message: answer.message, receipt });
    case "throttled": {
      await gate.hold(answer.retryAfterMs);
      const askedMs = Math.min(answer.retryAfterMs, context.timing.retryAfterCapMs);
      const delayMs = askedMs + Math.floor(context.random() * 1_000);
      throw new EndRun({ kind: "later", reason: "rate_limit", delayMs, receipt, message: answer.message });
    }
    case "refused": {
      const billed = billedWith(receipt, "no");
      const outcome = outcomeOf(receipt, answer.code, answer.message, billed);
      throw new EndRun({ kind: "settle", outcome });
    }
    case "failed": {
      const ended = { enteredAt, tookMs: performance.now() - startedAt, sign: signOfUpload(answer) };
      const outage = await failedInOutage(context, lane, claimed.token, ended);
      throw new EndRun(failedUpload(uploading, answer, outage));
    }
  }
  return answer satisfies never;
}

/** What a failed upload means for its portrait. Nothing was paid; it costs an attempt where a failed call would. */
function failedUpload(
  { context, lane, box }: Uploading,
  answer: Extract<UploadAnswer, { kind: "failed" }>,
  outage: boolean,
): Ending {
  const receipt = box.current;
  const { message, retryAfterMs } = answer;
  const { remembers } = lane.provider;
  const call = { sent: false, unreached: isUnreached(lane, answer), declined: false, remembers, outage };
  const cost = costOfFailure({ ...call, billed: "no" });
  if (outage) return { kind: "blocked", reason: "outage", message, receipt };
  if (cost === "nothing") return waitForConnection(context, receipt, message);
  // An answer of an earlier call of this turn may still turn up.
  const mayBeFound = receipt.turns.some(mayBePaid) && remembers;
  const billed = mayBeFound ? "maybe" : billedWith(receipt, "no");
  return providerFailed(context, receipt, "provider_error", message, billed, retryAfterMs, mayBeFound);
}
