import type { Account } from "./account.ts";
import { promptHash, type BillingLedger } from "./billing-ledger.ts";
import type { ChatRequest } from "./chat-request.ts";
import type { Fault } from "./fault.ts";
import type { PictureDesk } from "./picture-desk.ts";
import { type PictureOutput } from "./picture-output.ts";
import { REFUSALS, refusalOf } from "./refusal.ts";
import { ResultStore } from "./result-store.ts";
import type { ErrorEvent, EventSink } from "./sense-event.ts";
import type { Session, SessionStore } from "./session-store.ts";
import { checkSource, loadSource, type LoadedSource, type SourceRules } from "./source-image.ts";
import type { TwinClock } from "./twin-clock.ts";
import type { WrongFaces } from "./wrong-face.ts";
import { asFaultMakesIt } from "./faulty-picture.ts";
import { modelTelling, workflowTelling, type Telling } from "./workflow.ts";

/** State shared by all exchanges of a simulator. */
export interface ExchangeWorld {
  readonly clock: TwinClock;
  readonly account: Account;
  readonly ledger: BillingLedger;
  readonly sessions: SessionStore;
  readonly results: ResultStore;
  readonly desk: PictureDesk;
  readonly wrongFaces: WrongFaces;
  readonly sourceRules: SourceRules;
}

/** A request to the agent. */
export interface Exchange {
  readonly request: ChatRequest;
  readonly session: Session;
  readonly fault: Fault | undefined;
  readonly taskId: string;
  /** Provider time that the picture takes. */
  readonly latencyMs: number;
  /** Base URL of results as seen by the client. Ends with `/cdn/`. */
  readonly cdnUrl: string;
  readonly sink: EventSink;
}

type Answer =
  /** All pictures shown so far, of which the last one counts. */
  | { readonly kind: "picture"; readonly url: string; readonly generations: readonly string[] }
  /** Text instead of a picture, as requested. */
  | { readonly kind: "talk"; readonly words: string }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "question"; readonly question: string; readonly options: readonly string[] }
  | { readonly kind: "refused"; readonly event: ErrorEvent };

const MODEL = "twin-portrait-1";
const MAX_IMAGES = 4;
const PROGRESS_STEPS = 9;
/** Words that make the agent search the web. */
const SEARCH_WISH = /\b(?:search|look up|references?)\b/i;
/** Shares of the latency before the work starts, and after the picture is finished. */
const LEAD_SHARE = 0.06;
const TAIL_SHARE = 0.02;

const THOUGHTS = [
  "Looking at the portrait — ",
  "light, skin and background… ",
  "retouching it naturally (±0 identity) ✓",
];

function refused(event: ErrorEvent): Answer {
  return { kind: "refused", event };
}

/** Returns the turn's input: the given picture, otherwise the session's last output or input. */
async function sourceOf(world: ExchangeWorld, exchange: Exchange): Promise<LoadedSource | Answer> {
  const [given] = exchange.request.imageUrls;
  const url = given ?? exchange.session.lastPictureUrl;
  if (url === undefined) {
    return { kind: "question", question: "Which portrait should I enhance? Please send a picture.", options: [] };
  }
  if (given !== undefined || !url.startsWith(exchange.cdnUrl)) return loadSource(url, world.sourceRules);
  const last = world.results.get(url.slice(exchange.cdnUrl.length));
  return last === undefined ? refused(REFUSALS.result_expired) : checkSource(last.bytes);
}

/** Sends progress while the picture is made. Resolves when both are finished. */
async function workAtPace<T>(world: ExchangeWorld, exchange: Exchange, telling: Telling, work: Promise<T>): Promise<T> {
  const stepMs = (exchange.latencyMs * (1 - LEAD_SHARE - TAIL_SHARE)) / PROGRESS_STEPS;
  for (let step = 1; step <= PROGRESS_STEPS; step += 1) {
    await world.clock.sleep(stepMs);
    telling.progress(step, PROGRESS_STEPS);
  }
  return work;
}

/** Puts a draft on the CDN, which is shown but not billed. */
function publishDraft(world: ExchangeWorld, exchange: Exchange, output: PictureOutput): string {
  const name = ResultStore.newName(output.extension);
  world.results.put(name, { ...output, portrait: exchange.session.portrait });
  return `${exchange.cdnUrl}${name}`;
}

function publish(world: ExchangeWorld, exchange: Exchange, output: PictureOutput | undefined, prompt: string): string {
  const { session, fault, request } = exchange;
  const name = ResultStore.newName(output?.extension ?? "jpg");
  const url = `${exchange.cdnUrl}${name}`;
  const bill = world.ledger.bill({
    session: session.id,
    portrait: session.portrait,
    turn: session.history.length + 1,
    promptHash: promptHash(prompt),
    at: Date.now(),
    mode: request.mode,
    url,
  });
  if (output !== undefined) {
    const slow = fault?.kind === "slow_download" ? { downloadMs: fault.downloadMs } : {};
    world.results.put(name, { ...output, portrait: session.portrait, bill, ...slow });
  }
  return url;
}

async function makePicture(world: ExchangeWorld, exchange: Exchange, prompt: string): Promise<Answer> {
  const { sink, fault, latencyMs, request } = exchange;
  const loaded = await sourceOf(world, exchange);
  if ("kind" in loaded) return loaded;
  if (!loaded.ok) return refused({ type: "error", message: loaded.message });
  const { source } = loaded;
  const { portrait } = exchange.session;
  world.wrongFaces.note(portrait, source);
  const startedAt = Date.now();
  const telling =
    fault?.kind === "workflow"
      ? workflowTelling(sink, MODEL, exchange.session.history.length > 0)
      : modelTelling(sink, MODEL, request.mode);
  telling.begin();
  if (fault?.kind === "no_output" || fault?.kind === "complete_error") {
    await workAtPace(world, exchange, telling, Promise.resolve());
    return fault.kind === "no_output" ? { kind: "nothing" } : { kind: "failed", message: fault.message };
  }
  const made = world.desk.work(source, prompt).then(
    (output) => ({ output }),
    () => undefined,
  );
  const picture = await workAtPace(world, exchange, telling, made);
  if (picture === undefined) return refused(REFUSALS.undecodable);
  const output = await asFaultMakesIt(world, fault, { portrait, source, prompt, picture: picture.output });
  const generations: string[] = [];
  const { drafts, apartMs } = fault?.kind === "drafts" ? fault : { drafts: 0, apartMs: 0 };
  for (let draft = 0; draft < drafts; draft += 1) {
    generations.push(publishDraft(world, exchange, picture.output));
    telling.picture([...generations], Date.now() - startedAt);
    if (apartMs > 0) await world.clock.sleep(apartMs);
  }
  const url = publish(world, exchange, output, prompt);
  generations.push(url);
  telling.picture(generations, Date.now() - startedAt);
  await world.clock.sleep(latencyMs * TAIL_SHARE);
  return { kind: "picture", url, generations };
}

/** Searches the web first, if the text asks for a search and the request allows it. */
function search({ request, sink }: Exchange): void {
  if (!request.webSearch || !SEARCH_WISH.test(request.prompt)) return;
  sink.send({ type: "web_search_query", query: "studio portrait reference" });
  sink.send({ type: "web_search_citations", citations: ["https://example.com/portraits"] });
}

async function answer(world: ExchangeWorld, exchange: Exchange, prompt: string): Promise<Answer> {
  const { sink, fault, request, latencyMs } = exchange;
  for (const content of THOUGHTS) {
    sink.send({ type: "thinking_delta", content });
    await world.clock.sleep((latencyMs * LEAD_SHARE) / THOUGHTS.length);
  }
  if (request.imageUrls.length > MAX_IMAGES) return refused(REFUSALS.too_many_images);
  if (exchange.session.revived) sink.send({ type: "status", message: "Resuming the session" });
  search(exchange);
  if (request.behavior !== "agent") return { kind: "talk", words: "I would smooth the skin and even out the light." };
  sink.send({ type: "status", message: "Preparing the portrait", tool_name: "execute_model" });
  const refusal = refusalOf(fault);
  if (refusal !== undefined) return refused(refusal);
  if (fault?.kind === "ask" && !(fault.untilAnswered && exchange.session.openPrompt !== undefined)) {
    return { kind: "question", question: fault.question, options: fault.options };
  }
  if (!world.account.reserve()) return refused(REFUSALS.balance);
  let paid = false;
  try {
    const made = await makePicture(world, exchange, prompt);
    paid = made.kind === "picture";
    return made;
  } finally {
    world.account.settle(paid);
  }
}

function told(made: Answer): string {
  switch (made.kind) {
    case "picture":
      return "Here is the enhanced portrait.";
    case "nothing":
      return "I could not make a picture this time.";
    case "talk":
      return made.words;
    case "failed":
      return made.message;
    case "question":
      return made.question;
    case "refused":
      return made.event.message;
    default:
      return made satisfies never;
  }
}

/** Adds the exchange to the session's memory, unless that was deleted in the meantime. */
function remember(exchange: Exchange, epoch: number, made: Answer): void {
  const { session, request, fault } = exchange;
  if (session.epoch !== epoch || fault?.kind === "memory_lost") return;
  session.history.push({
    timestamp: new Date().toISOString(),
    user_prompt: request.prompt,
    chatbot_response: told(made),
    generated_media_urls: made.kind === "picture" ? made.generations : [],
  });
}

function tell(exchange: Exchange, made: Answer): void {
  const { sink, taskId } = exchange;
  if (made.kind === "refused") {
    sink.send(made.event);
    return;
  }
  if (made.kind === "question") {
    const context = "The request leaves this open";
    sink.send({ type: "clarification_needed", question: made.question, options: made.options, context });
    const status = exchange.fault?.kind === "ask" ? exchange.fault.status : "awaiting_input";
    sink.send({ type: "complete", task_id: taskId, status, generations: [] });
  } else if (made.kind === "failed") {
    sink.send({ type: "complete", task_id: taskId, status: "error", generations: [], message: made.message });
  } else {
    const generations = made.kind === "picture" ? made.generations : [];
    sink.send({ type: made.kind === "talk" ? "message" : "text_response", content: told(made) });
    sink.send({ type: "complete", task_id: taskId, status: "ok", generations, model: MODEL });
  }
  sink.done();
}

function endingOf(exchange: Exchange, made: Answer): string {
  switch (made.kind) {
    case "picture":
      return exchange.sink.left ? "client_left" : "complete";
    case "nothing":
      return "no_output";
    case "talk":
      return "talked";
    case "failed":
      return "complete_error";
    case "question":
      return "asked";
    case "refused":
      return `error:${made.event.error_code ?? made.event.message}`;
    default:
      return made satisfies never;
  }
}

/**
 * Processes one exchange to its end, even if the client disconnects. As with the provider, a lost stream does not stop
 * the work, and the result is billed and remembered.
 *
 * @returns how the exchange ended, for the ledger
 */
export async function runExchange(world: ExchangeWorld, exchange: Exchange): Promise<string> {
  const { session, request } = exchange;
  const { epoch } = session;
  // An answer to a question continues the earlier request.
  const prompt = session.openPrompt ?? request.prompt;
  const [given] = request.imageUrls;
  const made = await answer(world, exchange, prompt);
  if (session.epoch === epoch) {
    session.openPrompt = made.kind === "question" ? prompt : undefined;
    session.lastPictureUrl = made.kind === "picture" ? made.url : (given ?? session.lastPictureUrl);
  }
  remember(exchange, epoch, made);
  const ending = endingOf(exchange, made);
  world.sessions.finish(session);
  tell(exchange, made);
  exchange.sink.end();
  return ending;
}
