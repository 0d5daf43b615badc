import {
  answerTo,
  callOf,
  formatOfKey,
  picturesOfStep,
  promptOf,
  sessionId,
  withFinished,
  withProviderMs,
  type Receipt,
} from "@darkroom/core";
import type { EnhanceAnswer, EnhanceRequest } from "@darkroom/provider-kit";
import { refusedByAccount } from "../lanes/account-refusal.ts";
import { takePass } from "../lanes/early-pass.ts";
import { blockLane, deferProbe, learnFromAnswer } from "../lanes/lane-health.ts";
import type { Pass } from "../lanes/pass.ts";
import { signOfCall } from "../lanes/sign-of-health.ts";
import { WatchedPicture } from "../prepare/watched-picture.ts";
import type { PreparedRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { imageOf, linksOf, type Enhanced } from "./enhanced-pictures.ts";
import { interpretAnswer, type EndedCall, type Interpretation } from "./interpret-answer.ts";
import { recallFinalPicture } from "./recall-final-picture.ts";
import { writeIntent } from "./write-intent.ts";

/**
 * Makes one paid call: gate, photo, intent, call, answer. Repeats only to reply to the provider's question.
 *
 * @param before the previous step's result
 */
export async function payStep(run: PreparedRun, step: number, before: Enhanced | undefined): Promise<Enhanced> {
  const { context, claim, prepared } = run;
  if (claim.asksOnly) throw askedInVain(run.receipt);
  await context.destinations.prove(claim.spec, prepared.row.destination);
  const pass = await takePass(run);
  const image = await beforeCall(run, pass, () => imageFor(run, { step, before, pass }));
  const picture = image.imageBytes === undefined ? undefined : new WatchedPicture(image.imageBytes);
  const intent = await beforeCall(run, pass, () => writeIntent(run, step));
  if (intent.kind === "found") return intent.enhanced;
  const call = { step, prior: intent.prior, begun: false };
  const request = requestOf(run, step, picture === undefined ? image : { imageBytes: picture });
  const { answer, tookMs, isOver } = await callProvider(run, call, request);
  const pictureFault = picture?.fault;
  // If the photo became unreadable while it was sent, the provider is not at fault.
  const isOurs = pictureFault !== undefined;
  const outage = !isOurs && (await learnFromAnswer(run, { ...pass, isOver, tookMs }, answer));
  const enhanced = await follow(run, { ...call, outage, pictureFault, pass }, answer);
  return enhanced ?? (await payStep(run, step, before));
}

/** The batch may not spend, and there is no call to recall. The portrait waits for money, or for its next claim. */
function askedInVain({ firstIntentAt }: Receipt): RunEnded {
  if (firstIntentAt === undefined) return new RunEnded({ kind: "recalled" });
  return new RunEnded({ kind: "later", reason: "recall", delayMs: 0, message: "its batch currently makes no calls" });
}

/** Returns the picture to send: the photo, the previous step's result if the session lacks it, or nothing. */
async function imageFor(
  run: PreparedRun,
  { step, before, pass }: { readonly step: number; readonly before: Enhanced | undefined; readonly pass: Pass },
): Promise<Pick<EnhanceRequest, "imageUrl" | "imageBytes">> {
  const { lane, claim, receipt, prepared } = run;
  const { generation, clarified } = receipt.session;
  if (step > 0 || clarified?.step === step) {
    const isUnseen = !lane.provider.remembers || callOf(receipt, step - 1)?.generation !== generation;
    return before !== undefined && isUnseen ? imageOf(before) : {};
  }
  try {
    return await prepared.image();
  } catch (error) {
    // A photo that ends its portrait used nothing of the lane. Any other error may be the provider's own storage, and a
    // probe that failed there has failed.
    if (error instanceof RunEnded && error.ending.kind === "settle")
      await lane.gate.giveBack(claim.token, pass.intervalMs);
    else await lane.gate.leave(claim.token);
    throw error;
  }
}

function requestOf(
  { claim, receipt, prepared }: PreparedRun,
  step: number,
  image: Pick<EnhanceRequest, "imageUrl" | "imageBytes">,
): EnhanceRequest {
  const { recipe, row, order } = prepared;
  return {
    sessionId: sessionId(claim.spec.id, order.identity, receipt.session.generation, claim.round),
    prompt: promptOf(recipe, step, receipt),
    mode: recipe.mode,
    ...image,
    ...(row.profileIds === undefined ? {} : { profileIds: row.profileIds }),
    variations: picturesOfStep(recipe, step),
    outputFormat: formatOfKey(row.destination) === "png" ? "png" : "jpeg",
  };
}

/**
 * Runs a step between the gate and the call. A refusal by the provider in that step counts as the refusal of a gated
 * call, so a refused probe is recorded as such. If the run ends for another reason, the probe is deferred.
 */
async function beforeCall<T>(run: PreparedRun, pass: Pass, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof RunEnded)) throw error;
    const { ending } = error;
    if (ending.kind === "blocked") throw new RunEnded({ ...ending, ...pass });
    if (pass.probing && ending.kind !== "claim-lost") await deferProbe(run);
    throw error;
  }
}

/** An answer, and the result to report to the gate. */
interface Answered {
  readonly answer: EnhanceAnswer;
  readonly tookMs: number;
  /** True when this answer ends an outage. */
  readonly isOver: boolean;
}

/** Calls the provider, and leaves the gate in every case. */
async function callProvider(
  run: PreparedRun,
  call: { readonly step: number; begun: boolean },
  request: EnhanceRequest,
): Promise<Answered> {
  const { context, lane, claim } = run;
  const { name } = lane.provider;
  const startedAt = performance.now();
  let works = false;
  let isOver = false;
  let answer: EnhanceAnswer;
  try {
    answer = await askProvider(run, call, request);
    works = signOfCall(answer) === "works";
  } finally {
    const tookMs = performance.now() - startedAt;
    run.receipt = withProviderMs(run.receipt, tookMs);
    context.metrics.providerSeconds.observe({ provider: name }, tookMs / 1_000);
    isOver = await lane.gate.leave(claim.token, works);
  }
  context.metrics.providerCalls.inc({ provider: name, kind: answer.kind });
  return { answer, tookMs: performance.now() - startedAt, isOver };
}

async function askProvider(
  run: PreparedRun,
  call: { readonly step: number; begun: boolean },
  request: EnhanceRequest,
): Promise<EnhanceAnswer> {
  const { context, lane, timing, signal } = run;
  let fault: unknown;
  const answer = await lane.provider.enhance(
    request,
    {
      onOutput: async (url, detail) => {
        try {
          await run.writeOutput(call.step, { ...detail, url });
        } catch (error) {
          fault = error;
          run.controller.abort(error);
        }
      },
      onProgress: (progress) => {
        call.begun = true;
        context.progress(run.claim, progress);
      },
      onPictureBytes: (bytes) => run.answerRoom?.admit(bytes),
      onLimits: (limits) => void lane.gate.followRate(limits).catch(() => undefined),
    },
    {
      deadlineMs: timing.deadlineMs,
      // A provider without a memory streams no progress. If the worker aborted such a call before the deadline, the
      // worker could pay twice.
      idleMs: lane.provider.remembers ? timing.idleMs : timing.deadlineMs,
      signal,
    },
  );
  if (fault !== undefined) throw fault;
  return answer;
}

/**
 * Applies the interpretation of an answer.
 *
 * @returns the pictures, or undefined when the provider's question must be answered at once
 */
async function follow(
  run: PreparedRun,
  call: EndedCall & { readonly pass: Pass },
  answer: EnhanceAnswer,
): Promise<Enhanced | undefined> {
  const { lane, prepared } = run;
  const { step } = call;
  const { receipt, next }: Interpretation = interpretAnswer(run.receipt, call, answer, {
    ...run.limits,
    remembers: lane.provider.remembers,
    countsOutages: lane.outage.failures > 0,
    batchId: run.claim.spec.id,
    replyTo: (question) => answerTo(prepared.recipe, question),
  });
  switch (next.kind) {
    case "output":
      if (receipt !== run.receipt) await run.write(receipt);
      if (next.finished) run.receipt = withFinished(run.receipt, step);
      await recallFinalPicture(run, step);
      return linksOf(callOf(run.receipt, step)) ?? next.pictures;
    case "pictures":
      await run.write(receipt);
      return next.pictures;
    case "answer-question":
      run.receipt = receipt;
      return undefined;
    case "account-refused":
      throw run.endWith(await refusedByAccount(run, next, { step, pass: call.pass, receipt }));
    case "fault":
      run.receipt = receipt;
      throw next.error;
    case "end": {
      const { ending, outage } = next;
      if (outage !== undefined) await blockLane(run, { ...outage, ...call.pass });
      const isOutage = ending.kind === "blocked" && ending.reason === "outage";
      throw run.endWith({ receipt, ending: isOutage ? { ...ending, ...call.pass } : ending });
    }
  }
  return next satisfies never;
}
