import { sessionId } from "@darkroom/core";
import type { Receipt, Turn } from "@darkroom/ledger";
import type { EnhanceAnswer } from "@darkroom/provider-kit";
import type { Claimed, LaneContext, WorkerContext } from "./context.ts";
import { billedWith, EndRun, outcomeOf } from "./ending.ts";
import { passGate } from "./pass-gate.ts";
import type { Prepared } from "./prepare.ts";
import { forgottenTurn, recallTurn } from "./recall-turn.ts";
import { promptOf, recordOutput, withTurn, writeReceipt, type ReceiptBox } from "./receipt-box.ts";
import { providerFailed } from "./retry.ts";

/** A portrait whose session was lost this often has something wrong with it. */
const MOST_GENERATIONS = 3;
/** An agent's run may last this long (provider contract A.5); a session that is busy for longer is stuck. */
const LONGEST_RUN_MS = 3_600_000;

/** Takes the portrait through every step of its recipe and gives the last picture's URL; pays for each step once. */
export async function enhance(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
): Promise<string> {
  let url = "";
  for (let step = 0; step < prepared.recipe.steps.length; step += 1) {
    const turn = box.current.turns[step] ?? (await forgottenTurn(context, lane, claimed, box));
    if (turn !== undefined && turn.outputUrl === undefined) {
      await recallTurn(context, lane, claimed, prepared, box, step, turn);
    }
    const found = box.current.turns[step]?.outputUrl;
    if (found === undefined) endWhenUsedUp(context, box.current, prepared);
    url = found ?? (await payTurn(context, lane, claimed, prepared, box, step));
  }
  return url;
}

/** The attempts were used up, and the last answer was looked for in vain. */
function endWhenUsedUp({ timing }: WorkerContext, receipt: Receipt, { pricePerTurnUsd }: Prepared): void {
  const { attempts, lastFailure } = receipt;
  if (attempts < timing.attempts || lastFailure === undefined) return;
  const { code, message, billed } = lastFailure;
  throw new EndRun({ kind: "settle", outcome: outcomeOf(receipt, code, message, pricePerTurnUsd, billed) });
}

/** One paid turn: intent, call, answer. Asks again at once only to give the standing answer. */
async function payTurn(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  step: number,
): Promise<string> {
  const { recipe } = prepared;
  const generation = box.current.generation;
  const answering = box.current.clarifiedStep === step;
  const previous = box.current.turns[step - 1];
  const imageUrl =
    step === 0 && !answering
      ? await prepared.imageUrl()
      : previous !== undefined && previous.generation !== generation
        ? previous.outputUrl
        : undefined;
  const probing = await passGate(context, lane, claimed, box.current);
  const unsure = box.current.turns[step];
  if (unsure !== undefined) {
    // It waited at the gate, perhaps long: the answer of the call before may have come in the meantime.
    const found = await lookOnceMore(context, lane, claimed, prepared, box, step, unsure);
    if (found !== undefined) return found;
  }
  let answer: EnhanceAnswer;
  const call = { step, begun: false };
  const startedAt = performance.now();
  try {
    const intentAt = Date.now();
    await writeReceipt(context, claimed, box, {
      ...withTurn(box.current, step, { intentAt, generation }),
      round: claimed.round,
      firstIntentAt: box.current.firstIntentAt ?? intentAt,
      fingerprint: prepared.fingerprint,
    });
    answer = await callProvider(context, lane, claimed, box, call, {
      sessionId: sessionId(claimed.spec.id, claimed.index, generation, claimed.round),
      prompt: promptOf(recipe, step, answering),
      mode: recipe.mode,
      ...(imageUrl === undefined ? {} : { imageUrl }),
      ...(prepared.row.profileIds === undefined ? {} : { profileIds: prepared.row.profileIds }),
    });
  } finally {
    const tookMs = performance.now() - startedAt;
    box.current = { ...box.current, providerMs: box.current.providerMs + Math.round(tookMs) };
    context.metrics.providerSeconds.observe({ provider: lane.provider.name }, tookMs / 1_000);
    await lane.gate.leave(claimed.token);
  }
  context.metrics.providerCalls.inc({ provider: lane.provider.name, kind: answer.kind });
  if (probing && answer.kind !== "blocked" && answer.kind !== "throttled") await lane.lane.unblock(lane.concurrency);
  return await readAnswer(context, lane, claimed, prepared, box, { ...call, unsure }, answer);
}

async function lookOnceMore(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  step: number,
  unsure: Turn,
): Promise<string | undefined> {
  let keep = false;
  try {
    await recallTurn(context, lane, claimed, prepared, box, step, unsure);
    const url = box.current.turns[step]?.outputUrl;
    keep = url === undefined;
    return url;
  } finally {
    if (!keep) await lane.gate.leave(claimed.token);
  }
}

interface Call {
  readonly step: number;
  /** The provider has begun to answer, so that it works on it even when the stream is cut. */
  begun: boolean;
  /** An earlier turn of this step whose answer is not known; it comes back where this call did not arrive. */
  readonly unsure?: Turn | undefined;
}

async function callProvider(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  box: ReceiptBox,
  call: Call,
  request: Parameters<LaneContext["provider"]["enhance"]>[0],
): Promise<EnhanceAnswer> {
  let fault: unknown;
  const answer = await lane.provider.enhance(
    request,
    {
      onOutput: async (url) => {
        try {
          await recordOutput(context, claimed, box, call.step, url);
        } catch (error) {
          fault = error;
          claimed.controller.abort(error);
        }
      },
      onProgress: (progress) => {
        call.begun = true;
        context.progress(claimed, progress);
      },
    },
    {
      deadlineMs: context.timing.deadlineMs,
      idleMs: context.timing.idleMs,
      signal: claimed.signal,
    },
  );
  if (fault !== undefined) throw fault;
  return answer;
}

async function readAnswer(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  call: Call,
  answer: EnhanceAnswer,
): Promise<string> {
  const { step } = call;
  const turn = box.current.turns[step];
  const price = prepared.pricePerTurnUsd;
  switch (answer.kind) {
    case "output":
      await recordOutput(context, claimed, box, step, answer.url);
      return answer.url;
    case "refused":
      box.current = { ...box.current, attempts: box.current.attempts + 1 };
      throw new EndRun({
        kind: "settle",
        outcome: outcomeOf(box.current, answer.code, answer.message, price, billedWith(box.current, answer.billed)),
      });
    case "failed": {
      const kept = answer.sent && turn !== undefined ? { ...turn, begun: call.begun } : call.unsure;
      const next = withTurn(box.current, step, kept);
      const billed = billedWith(next, call.unsure === undefined ? answer.billed : "maybe");
      const mayBeFound = kept !== undefined && lane.provider.remembers;
      throw new EndRun(
        providerFailed(context, next, answer.code, answer.message, price, billed, answer.retryAfterMs, mayBeFound),
      );
    }
    case "blocked":
      throw new EndRun({
        kind: "blocked",
        reason: answer.reason,
        message: answer.message,
        receipt: withTurn(box.current, step, call.unsure),
      });
    case "throttled": {
      await lane.gate.hold(answer.retryAfterMs);
      const delayMs = answer.retryAfterMs + Math.floor(context.random() * 1_000);
      const receipt = withTurn(box.current, step, call.unsure);
      throw new EndRun({ kind: "later", delayMs, receipt, message: answer.message });
    }
    case "busy": {
      // What runs there is this turn only if it had been sent before; otherwise the one before it is not over yet.
      const begun = call.unsure !== undefined;
      const receipt = withTurn(box.current, step, turn === undefined ? undefined : { ...turn, begun });
      if (Date.now() - (receipt.firstIntentAt ?? Date.now()) > LONGEST_RUN_MS + context.timing.deadlineMs) {
        const outcome = outcomeOf(receipt, "timeout", "the provider's session stays busy", price, "maybe");
        throw new EndRun({ kind: "settle", outcome });
      }
      throw new EndRun({ kind: "later", delayMs: context.timing.lookMs, receipt, message: answer.message });
    }
    case "session_lost": {
      const { clarifiedStep: _, ...kept } = withTurn(box.current, step, undefined);
      const receipt = { ...kept, generation: box.current.generation + 1, exchanges: 0 };
      if (receipt.generation >= MOST_GENERATIONS) {
        const outcome = outcomeOf(receipt, "provider_error", answer.message, price);
        throw new EndRun({ kind: "settle", outcome });
      }
      throw new EndRun(providerFailed(context, receipt, "provider_error", answer.message, price));
    }
    case "clarification": {
      const question = `the provider asks: ${answer.question}`;
      if (prepared.recipe.clarificationAnswer === undefined || box.current.clarifiedStep === step) {
        throw new EndRun({ kind: "settle", outcome: outcomeOf(box.current, "needs_clarification", question, price) });
      }
      box.current = {
        ...withTurn(box.current, step, undefined),
        clarifiedStep: step,
        exchanges: box.current.exchanges + 1,
      };
      return await payTurn(context, lane, claimed, prepared, box, step);
    }
    case "aborted": {
      const kept = answer.sent ? turn && { ...turn, stopped: call.begun } : call.unsure;
      box.current = answer.sent && turn?.outputUrl !== undefined ? box.current : withTurn(box.current, step, kept);
      throw new Error(answer.message);
    }
  }
  return answer satisfies never;
}
