import { formatOfKey, picturesOfStep, sessionId } from "@darkroom/core";
import type { EnhanceAnswer } from "@darkroom/provider-kit";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
import { imageOf, type Enhanced } from "./enhanced-pictures.ts";
import { EndRun } from "../run/run-ending.ts";
import { intend } from "./write-intent.ts";
import { takePass } from "../lanes/early-pass.ts";
import type { Pass } from "../lanes/pass-gate.ts";
import type { Prepared } from "../prepare/prepare.ts";
import { readAnswer } from "./interpret-answer.ts";
import { promptOf, recordOutput, type ReceiptBox } from "./receipt-box.ts";
import { signOfCall } from "../lanes/sign-of-health.ts";
import { deferProbe, tellLane } from "../lanes/lane-health.ts";
import { WatchedPicture } from "../prepare/watched-picture.ts";

/**
 * One paid turn: intent, call, answer. Asks again at once only to give the standing answer.
 *
 * @param before what the step before made
 */
export async function payTurn(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  step: number,
  before: Enhanced | undefined,
): Promise<Enhanced> {
  if (claimed.asksOnly) throw nothingToAsk(box);
  const { recipe, row } = prepared;
  const generation = box.current.generation;
  const answering = box.current.clarifiedStep === step;
  const forgotten = !lane.provider.remembers || box.current.turns[step - 1]?.generation !== generation;
  await context.destinations.prove(claimed.spec, row.destination);
  const pass = await takePass(context, lane, claimed, box.current);
  const image =
    step === 0 && !answering
      ? await beforeCall(context, lane, claimed, pass, () => bringPhoto(lane, claimed, prepared))
      : before !== undefined && forgotten
        ? imageOf(before)
        : {};
  const intent = await beforeCall(context, lane, claimed, pass, () =>
    intend(context, lane, claimed, prepared, box, step),
  );
  if (intent.kind === "found") return intent.enhanced;
  const { prior } = intent;
  let answer: EnhanceAnswer;
  const picture = image.imageBytes === undefined ? undefined : new WatchedPicture(image.imageBytes);
  let works = false;
  let isOver = false;
  const call = { step, begun: false, prior };
  const startedAt = performance.now();
  try {
    answer = await callProvider(context, lane, claimed, box, call, {
      sessionId: sessionId(claimed.spec.id, prepared.order.identity, generation, claimed.round),
      prompt: promptOf(recipe, step, box.current),
      mode: recipe.mode,
      ...(picture === undefined ? image : { imageBytes: picture }),
      ...(row.profileIds === undefined ? {} : { profileIds: row.profileIds }),
      variations: picturesOfStep(recipe, step),
      outputFormat: formatOfKey(row.destination) === "png" ? "png" : "jpeg",
    });
    works = signOfCall(answer) === "works";
  } finally {
    const tookMs = performance.now() - startedAt;
    box.current = { ...box.current, providerMs: box.current.providerMs + Math.round(tookMs) };
    context.metrics.providerSeconds.observe({ provider: lane.provider.name }, tookMs / 1_000);
    isOver = await lane.gate.leave(claimed.token, works);
  }
  context.metrics.providerCalls.inc({ provider: lane.provider.name, kind: answer.kind });
  const tookMs = performance.now() - startedAt;
  // A photo that could not be read on its way is no failure of the provider's.
  const isOurs = picture?.fault !== undefined;
  const outage = !isOurs && (await tellLane(context, lane, claimed.token, { ...pass, isOver, tookMs }, answer));
  const ended = { ...call, unsure: prior.turns[step], picture, pass, outage };
  const read = await readAnswer(context, lane, claimed, prepared, box, ended, answer);
  return read === "answer-it" ? await payTurn(context, lane, claimed, prepared, box, step, before) : read;
}

/** The batch pays for nothing, and what there was to ask for was asked for: the next claim puts the portrait into the row. */
function nothingToAsk({ current: receipt }: ReceiptBox): EndRun {
  return new EndRun({
    kind: "later",
    reason: "recall",
    delayMs: 0,
    receipt,
    message: "its batch pays for nothing now",
  });
}

/**
 * A step between the gate and the call. What the provider says there it says to this place at the gate: a refused probe is
 * a refused probe, and one that ends for another reason has found out nothing.
 */
async function beforeCall<T>(
  context: WorkerContext,
  lane: LaneContext,
  { token }: Claimed,
  pass: Pass,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof EndRun)) throw error;
    const { ending } = error;
    if (ending.kind === "blocked") throw new EndRun({ ...ending, ...pass });
    if (pass.probing && ending.kind !== "claim-lost") await deferProbe(context, lane, token);
    throw error;
  }
}

/** The photo for a call that has passed the gate: a wait before the gate brings none. Leaves the gate where it fails. */
async function bringPhoto(
  { gate }: LaneContext,
  { token }: Claimed,
  { image }: Prepared,
): ReturnType<Prepared["image"]> {
  try {
    return await image();
  } catch (error) {
    await gate.leave(token);
    throw error;
  }
}

async function callProvider(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  box: ReceiptBox,
  call: { readonly step: number; begun: boolean },
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
      onPictureBytes: (bytes) => claimed.answerRoom?.admit(bytes),
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
