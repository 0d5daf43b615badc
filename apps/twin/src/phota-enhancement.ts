import { promptHash, type Bill } from "./billing-ledger.ts";
import type { Fault, FaultKind } from "./fault.ts";
import { asFaultMakesIt } from "./faulty-picture.ts";
import { httpRefusal } from "./http-fault.ts";
import { sendJson } from "./json-http.ts";
import { latencyMs } from "./latency.ts";
import { answerWith, type PhotaAnswer } from "./phota-answer.ts";
import { loadPicture, makePictures } from "./phota-picture.ts";
import type { PhotaWorld } from "./phota-call.ts";
import { type PictureOutput } from "./picture-output.ts";
import { ResultStore } from "./result-store.ts";
import type { SourceImage } from "./source-image.ts";
import { type PhotaCall } from "./phota-call.ts";

interface Refusal {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Returns the refusal of a fault; undefined if the work may begin. */
function refusalOf(fault: Fault | undefined): Refusal | undefined {
  if (fault?.kind === "http") return httpRefusal(fault);
  if (fault?.kind === "error_event") {
    const { message, error_code: code, retry_after: retryAfter } = fault;
    const wait = retryAfter === undefined ? {} : { headers: { "Retry-After": String(retryAfter) } };
    return { status: 500, body: { ...(code === undefined ? {} : { code }), detail: message }, ...wait };
  }
  return fault === undefined ? undefined : REFUSALS[fault.kind];
}

const OUT_OF_CREDIT: Refusal = { status: 402, body: { detail: "Out of credit" } };

const REFUSALS: Readonly<Partial<Record<FaultKind, Refusal>>> = {
  content_policy: {
    status: 400,
    body: { code: "CONTENT_MODERATION", detail: "The content was refused by moderation" },
  },
  no_face: { status: 400, body: { detail: "No face detected in the image" } },
  balance: OUT_OF_CREDIT,
};

/** Refuses profiles that do not exist or are not trained. */
function refusedProfile(world: PhotaWorld, ids: readonly string[]): Refusal | undefined {
  for (const id of ids) {
    const profile = world.profiles.status(id);
    if (profile === undefined) return { status: 404, body: { detail: `Profile not found: ${id}` } };
    if (profile.status !== "READY") {
      return { status: 400, body: { detail: `Profile ${id} is not ready: ${profile.status}` } };
    }
  }
  return undefined;
}

/**
 * Processes one request to its end, even if the client disconnects. A lost answer is billed nevertheless, and can never
 * be recalled.
 */
export async function runEnhancement(world: PhotaWorld, call: PhotaCall): Promise<void> {
  const { request, record, portrait, response, session } = call;
  const number = (world.callCounts.get(portrait) ?? 0) + 1;
  world.callCounts.set(portrait, number);
  const fault = world.faults.decide({ portrait, session, call: number });
  Object.assign(record, { call: number, fault: fault?.kind ?? null });
  const refuse = ({ status, body, headers }: Refusal): void => {
    record.ending = `http_${status}`;
    sendJson(response, status, body, { ...call.headers, ...headers });
  };
  if (fault?.kind === "reset") {
    record.ending = fault.kind;
    response.socket?.resetAndDestroy();
    return;
  }
  const refusal = refusalOf(fault) ?? refusedProfile(world, request.profile_ids);
  if (refusal !== undefined) return refuse(refusal);
  if (fault?.kind === "reset_after_accept" || fault?.kind === "memory_lost") response.socket?.resetAndDestroy();
  const loaded = await loadPicture(request.image, world.sourceRules);
  if (!loaded.ok) return refuse({ status: 400, body: { detail: loaded.message } });
  const count = request.num_output_images;
  if (!world.account.reserve(count)) return refuse(OUT_OF_CREDIT);
  let answer: PhotaAnswer | undefined;
  try {
    answer = await enhance(world, call, loaded.source, fault, number);
  } finally {
    world.account.settle(answer?.bill !== undefined, count);
  }
  if (answer === undefined) return refuse({ status: 400, body: { detail: "Invalid image: it cannot be decoded" } });
  await answerWith(world, call, answer, fault);
}

/** Returns undefined if the picture cannot be decoded. */
async function enhance(
  world: PhotaWorld,
  call: PhotaCall,
  source: SourceImage,
  fault: Fault | undefined,
  number: number,
): Promise<PhotaAnswer | undefined> {
  const { request, portrait } = call;
  world.wrongFaces.note(portrait, source);
  const working = makePictures(world.desk, source, request).catch(() => undefined);
  await world.clock.sleep(latencyMs(world.latency, world.seed, { portrait, call: number, mode: "max" }));
  const made = await working;
  if (made === undefined) return undefined;
  const recognised = fault?.kind === "unrecognised" ? [] : request.profile_ids;
  const counts = Object.fromEntries(recognised.map((id) => [id, made.length]));
  const knownSubjects = request.profile_ids.length === 0 ? null : { counts };
  if (fault?.kind === "no_output") return { images: [], urls: [], knownSubjects, bill: undefined };
  const outputs = await Promise.all(
    made.map((picture) => asFaultMakesIt(world, fault, { portrait, source, prompt: request.prompt ?? "", picture })),
  );
  return request.response_mode === "urls"
    ? { images: [], knownSubjects, ...publish(world, call, outputs, fault) }
    : { images: outputs.map((output) => output?.bytes), urls: [], knownSubjects, bill: billFor(world, call, "") };
}

function billFor(world: PhotaWorld, { session, portrait, request }: PhotaCall, url: string): Bill {
  return world.ledger.bill({
    session,
    portrait,
    turn: 1,
    promptHash: promptHash(request.prompt ?? ""),
    at: Date.now(),
    mode: "max",
    url,
    pictures: request.num_output_images,
  });
}

function publish(
  world: PhotaWorld,
  call: PhotaCall,
  outputs: readonly (PictureOutput | undefined)[],
  fault: Fault | undefined,
): Pick<PhotaAnswer, "urls" | "bill"> {
  const results = outputs.map((output) => {
    const name = ResultStore.newName(output?.extension ?? "jpg");
    const link = world.links.sign(name);
    return { name, output, link, url: `${call.cdnUrl}${name}${link.query}` };
  });
  const bill = billFor(world, call, results[0]?.url ?? "");
  const slow = fault?.kind === "slow_download" ? { downloadMs: fault.downloadMs } : {};
  for (const { name, output, link } of results) {
    if (output === undefined) continue;
    const { portrait } = call;
    world.results.put(name, { ...output, portrait, bill, signature: link.signature, ...slow }, link.expiresAt);
  }
  return { urls: results.map(({ url }) => url), bill };
}
