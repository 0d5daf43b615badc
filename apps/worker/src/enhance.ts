import { Readable } from "node:stream";
import { answerTo, DarkroomError, formatOfKey, sessionId } from "@darkroom/core";
import { MICRO, type Receipt, type Turn } from "@darkroom/ledger";
import type { EnhanceAnswer, EnhanceRequest } from "@darkroom/provider-kit";
import type { Claimed, LaneContext, WorkerContext } from "./context.ts";
import { answered, billedWith, EndRun, outcomeOf } from "./ending.ts";
import { passGate, type Pass } from "./pass-gate.ts";
import type { Prepared } from "./prepare.ts";
import { forgottenTurn, recallTurn } from "./recall-turn.ts";
import {
  promptOf,
  recordOutput,
  recordPictures,
  refusedTurn,
  withTurn,
  writeReceipt,
  type ReceiptBox,
} from "./receipt-box.ts";
import { providerFailed } from "./retry.ts";
import { providerWorks, tellLane } from "./tell-lane.ts";
import { WatchedPicture } from "./watched-picture.ts";

/** A portrait whose session was lost this often has something wrong with it. */
const MOST_GENERATIONS = 3;
/** An agent's run may last this long (provider contract A.5); a session that is busy for longer is stuck. */
const LONGEST_RUN_MS = 3_600_000;

/** What the last step gave: links to fetch the pictures from, or the pictures themselves. The main one is first. */
export type Enhanced = { readonly knownSubjects: Readonly<Record<string, number>> | undefined } & (
  | { readonly kind: "urls"; readonly urls: readonly string[] }
  | { readonly kind: "pictures"; readonly pictures: readonly Uint8Array[] }
);

/** Takes the portrait through every step of its recipe and gives what the last one made; pays for each step once. */
export async function enhance(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
): Promise<Enhanced> {
  let last: Enhanced | undefined;
  for (let step = 0; step < prepared.recipe.steps.length; step += 1) {
    const turn = box.current.turns[step] ?? (await forgottenTurn(context, lane, claimed, box));
    if (turn !== undefined && turn.outputUrl === undefined) {
      await recallTurn(context, lane, claimed, prepared, box, step, turn);
    }
    const found = linksOf(box.current.turns[step]);
    if (found === undefined) endWhenUsedUp(context, box.current, prepared);
    last = found ?? (await payTurn(context, lane, claimed, prepared, box, step, last));
  }
  if (last === undefined) throw new DarkroomError("internal", "the recipe has no step");
  return last;
}

/** What a turn of the receipt gave, where its answer was seen. */
function linksOf(turn: Turn | undefined): Enhanced | undefined {
  if (turn?.outputUrl === undefined) return undefined;
  return { kind: "urls", urls: [turn.outputUrl, ...(turn.variationUrls ?? [])], knownSubjects: turn.knownSubjects };
}

/** A picture that the step before made, for a provider that has forgotten it. */
function imageOf(before: Enhanced): Pick<EnhanceRequest, "imageUrl" | "imageBytes"> {
  if (before.kind === "urls") return before.urls[0] === undefined ? {} : { imageUrl: before.urls[0] };
  const [bytes] = before.pictures;
  if (bytes === undefined) return {};
  return { imageBytes: { sizeBytes: bytes.length, open: () => Promise.resolve(Readable.from([bytes])) } };
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
  before: Enhanced | undefined,
): Promise<Enhanced> {
  const { recipe, row } = prepared;
  const generation = box.current.generation;
  const answering = box.current.clarifiedStep === step;
  const forgotten = !lane.provider.remembers || box.current.turns[step - 1]?.generation !== generation;
  const image =
    step === 0 && !answering ? await prepared.image() : before !== undefined && forgotten ? imageOf(before) : {};
  const pass = await passGate(context, lane, claimed, box.current);
  const unsure = box.current.turns[step];
  if (unsure !== undefined) {
    // It waited at the gate, perhaps long: the answer of the call before may have come in the meantime.
    const found = await lookOnceMore(context, lane, claimed, prepared, box, step, unsure);
    if (found !== undefined) return found;
  }
  let answer: EnhanceAnswer;
  const picture = image.imageBytes === undefined ? undefined : new WatchedPicture(image.imageBytes);
  let kind: EnhanceAnswer["kind"] | undefined;
  let isOver = false;
  const call = { step, begun: false };
  const startedAt = performance.now();
  try {
    const intentAt = Date.now();
    await writeReceipt(context, claimed, box, {
      ...withTurn(box.current, step, { intentAt, generation }),
      round: claimed.round,
      firstIntentAt: box.current.firstIntentAt ?? intentAt,
      fingerprint: prepared.fingerprint,
      ...(prepared.pricePerTurnUsd === undefined ? {} : { callMicroUsd: Math.round(prepared.pricePerTurnUsd * MICRO) }),
    });
    answer = await callProvider(context, lane, claimed, box, call, {
      sessionId: sessionId(claimed.spec.id, claimed.index, generation, claimed.round),
      prompt: promptOf(recipe, step, box.current),
      mode: recipe.mode,
      ...(picture === undefined ? image : { imageBytes: picture }),
      ...(row.profileIds === undefined ? {} : { profileIds: row.profileIds }),
      ...(recipe.output.variations === undefined ? {} : { variations: recipe.output.variations }),
      outputFormat: formatOfKey(row.destination) === "png" ? "png" : "jpeg",
    });
    kind = answer.kind;
  } finally {
    const tookMs = performance.now() - startedAt;
    box.current = { ...box.current, providerMs: box.current.providerMs + Math.round(tookMs) };
    context.metrics.providerSeconds.observe({ provider: lane.provider.name }, tookMs / 1_000);
    isOver = await lane.gate.leave(claimed.token, kind !== undefined && providerWorks(kind));
  }
  context.metrics.providerCalls.inc({ provider: lane.provider.name, kind: answer.kind });
  const tookMs = performance.now() - startedAt;
  // A photo that could not be read on its way is no failure of the provider's.
  const isOurs = picture?.fault !== undefined;
  const outage = !isOurs && (await tellLane(context, lane, claimed.token, { ...pass, isOver, tookMs }, answer));
  const told = { ...call, unsure, before, picture, pass, outage };
  return await readAnswer(context, lane, claimed, prepared, box, told, answer);
}

async function lookOnceMore(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  step: number,
  unsure: Turn,
): Promise<Enhanced | undefined> {
  let keep = false;
  try {
    await recallTurn(context, lane, claimed, prepared, box, step, unsure);
    const found = linksOf(box.current.turns[step]);
    keep = found === undefined;
    return found;
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
  /** What the step before made. */
  readonly before?: Enhanced | undefined;
  /** What went within the request. */
  readonly picture?: WatchedPicture | undefined;
  readonly pass?: Pass;
  /** It failed as all do at present: the lane is blocked for it, and no attempt is burnt. */
  readonly outage?: boolean;
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
      onOutput: async (url, detail) => {
        try {
          await recordOutput(context, claimed, box, call.step, url, detail);
        } catch (error) {
          fault = error;
          claimed.controller.abort(error);
        }
      },
      onProgress: (progress) => {
        call.begun = true;
        context.progress(claimed, progress);
      },
      onLimits: (limits) => void lane.gate.told(limits).catch(() => undefined),
    },
    {
      deadlineMs: context.timing.deadlineMs,
      // One that remembers nothing works in silence: to give it up before its deadline would only be to pay twice.
      idleMs: lane.provider.remembers ? context.timing.idleMs : context.timing.deadlineMs,
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
): Promise<Enhanced> {
  const { step } = call;
  const turn = box.current.turns[step];
  const price = prepared.pricePerTurnUsd;
  switch (answer.kind) {
    case "output":
      await recordOutput(context, claimed, box, step, answer.url, answer);
      return { kind: "urls", urls: [answer.url, ...(answer.variations ?? [])], knownSubjects: answer.knownSubjects };
    case "pictures":
      await recordPictures(context, claimed, box, step);
      return { kind: "pictures", pictures: answer.pictures, knownSubjects: answer.knownSubjects };
    case "refused":
      box.current = { ...refusedTurn(box.current, step, answer.billed), attempts: box.current.attempts + 1 };
      throw new EndRun({
        kind: "settle",
        outcome: outcomeOf(box.current, answer.code, answer.message, price, billedWith(box.current, answer.billed)),
      });
    case "failed": {
      if (!answer.sent && call.picture?.fault !== undefined) {
        box.current = withTurn(box.current, step, call.unsure);
        throw call.picture.fault;
      }
      const unpaid = answer.billed === "no" && call.unsure === undefined ? { unpaid: true } : {};
      const kept = answer.sent && turn !== undefined ? { ...turn, begun: call.begun, ...unpaid } : call.unsure;
      const next = withTurn(box.current, step, kept);
      if (call.outage === true) {
        throw new EndRun({ kind: "blocked", reason: "outage", message: answer.message, receipt: next, ...call.pass });
      }
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
        ...call.pass,
      });
    case "throttled": {
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
      const { clarifiedStep: _, clarifiedWith: __, ...kept } = withTurn(box.current, step, undefined);
      const receipt = { ...kept, generation: box.current.generation + 1, exchanges: 0 };
      if (receipt.generation >= MOST_GENERATIONS) {
        const outcome = outcomeOf(receipt, "provider_error", answer.message, price);
        throw new EndRun({ kind: "settle", outcome });
      }
      throw new EndRun(providerFailed(context, receipt, "provider_error", answer.message, price));
    }
    case "clarification": {
      const reply = answerTo(prepared.recipe, answer.question);
      if (reply === undefined || box.current.clarifiedStep === step) {
        const message = `the provider asks: ${answer.question}`;
        const receipt = answered(withTurn(box.current, step, undefined));
        const outcome = outcomeOf(receipt, "needs_clarification", message, price);
        const question = { text: answer.question, options: answer.options };
        throw new EndRun({ kind: "settle", outcome: { ...outcome, question } });
      }
      box.current = {
        ...withTurn(box.current, step, undefined),
        clarifiedStep: step,
        clarifiedWith: reply,
        exchanges: box.current.exchanges + 1,
      };
      return await payTurn(context, lane, claimed, prepared, box, step, call.before);
    }
    case "aborted": {
      const kept = answer.sent ? turn && { ...turn, stopped: call.begun } : call.unsure;
      box.current = answer.sent && turn?.outputUrl !== undefined ? box.current : withTurn(box.current, step, kept);
      throw new Error(answer.message);
    }
  }
  return answer satisfies never;
}
