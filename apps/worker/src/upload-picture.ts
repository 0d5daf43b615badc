import { DarkroomError } from "@darkroom/core";
import { mayBePaid } from "@darkroom/ledger";
import type { UploadRequest } from "@darkroom/provider-kit";
import type { Claimed, LaneContext, WorkerContext } from "./context.ts";
import { billedWith, EndRun, outcomeOf } from "./ending.ts";
import { linkSeconds } from "./link-to.ts";
import type { ReceiptBox } from "./receipt-box.ts";
import { providerFailed } from "./retry.ts";

/** An upload that takes longer is begun anew later. */
const UPLOAD_MS = 120_000;

/** Puts a picture into the provider's own short-lived storage and gives its URL, or ends the run. Costs nothing. */
export async function uploadPicture(
  context: WorkerContext,
  { provider, gate }: LaneContext,
  { signal }: Claimed,
  box: ReceiptBox,
  { bytes, contentType }: Pick<UploadRequest, "bytes" | "contentType">,
): Promise<string> {
  if (provider.upload === undefined) throw new DarkroomError("internal", `${provider.name} has no storage of its own`);
  const expiresInSeconds = linkSeconds(context.timing);
  const limits = AbortSignal.any([signal, AbortSignal.timeout(UPLOAD_MS)]);
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
      // An answer of an earlier call of this turn may still turn up.
      const isUnsure = receipt.turns.some(mayBePaid);
      const billed = isUnsure && provider.remembers ? "maybe" : billedWith(receipt, "no");
      throw new EndRun(
        providerFailed(
          context,
          receipt,
          "provider_error",
          answer.message,
          billed,
          answer.retryAfterMs,
          isUnsure && provider.remembers,
        ),
      );
    }
  }
  return answer satisfies never;
}
