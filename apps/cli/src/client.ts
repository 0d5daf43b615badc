import { randomUUID } from "node:crypto";
import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, FormData, type Dispatcher } from "undici";
import {
  isBatchId,
  type AnswerRequest,
  type BatchStatus,
  type CostGroup,
  type Costs,
  type PortraitState,
  type Quote,
  type RetryRequest,
  type Submission,
} from "@darkroom/core";
import { CommandError, EXIT } from "./exit-codes.ts";
import { readEvents, type WatchEvent } from "./event-reader.ts";
import { errorOfAnswer, unreachable } from "./problem.ts";

export interface PortraitView {
  readonly index: number;
  readonly id: string | null;
  readonly state: PortraitState;
  readonly source: string | null;
  readonly destination: string | null;
  readonly carried: Readonly<Record<string, string>>;
  readonly outcome: {
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
    readonly billed: string | null;
    readonly attempts: number | null;
  } | null;
}

export interface NewSchedule {
  readonly id?: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly submission: Submission;
}

export interface ScheduleView extends NewSchedule {
  readonly id: string;
  readonly createdAt: string;
  readonly nextRunAt: string | null;
  readonly lastRun: {
    readonly at: string;
    readonly batchId: string | null;
    readonly outcome: string;
    readonly message: string | null;
  } | null;
}

export interface LaneView {
  readonly name: string;
  readonly provider: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly running: number;
  readonly concurrency: { readonly configured: number; readonly present: number };
  readonly ratePerMinute: { readonly configured: number | null; readonly present: number | null };
  readonly narrowed: { readonly at: string; readonly message: string | null } | null;
  readonly held: { readonly until: string; readonly message: string | null } | null;
  readonly blocked: { readonly reason: string; readonly since: string; readonly message: string } | null;
  readonly probe: { readonly at: string; readonly failed: number; readonly underWay: boolean } | null;
}

export interface RecoveredBatch {
  readonly batchId: string;
  readonly kind: "recovered" | "known" | "ended" | "damaged";
  readonly total?: number;
  readonly ended?: number;
  readonly message?: string;
}

export interface DifferenceView {
  readonly kind: string;
  readonly meaning: string;
  readonly count: number;
  readonly examples: readonly number[];
  readonly fixed: number;
  readonly advice: string;
}

export interface QuestionsView {
  readonly questions: readonly {
    readonly question: string;
    readonly options: readonly string[];
    readonly portraits: number;
    /** Ids of a few of them. */
    readonly examples: readonly string[];
  }[];
  /** Portraits with questions beyond those. */
  readonly others: number;
}

export type ReportFile = "report.csv" | "report.jsonl" | "failures.csv";
export type Move = "pause" | "resume" | "cancel" | "confirm" | "approve";

/** What may be said with a move. */
export interface MoveWords {
  /** With pause and cancel; shown in the status. */
  readonly reason?: string;
  /** With resume: the budget from now on. */
  readonly maxCostUsd?: number;
}

/** A first answer must come within this; an upload is read to its end before it. */
const ANSWER_WITHIN_MS = 60_000;
const UPLOAD_WITHIN_MS = 3_600_000;
/** The API says something on an event stream every quarter of a minute. */
const SILENCE_MS = 45_000;
const RETRY_WAITS_MS = [200, 800];
/** Batches among which a prefix is looked for. */
const PREFIX_PAGES = 10;
const PAGE = 200;

interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: string | FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly answerWithinMs?: number;
  readonly silenceMs?: number;
  /** Whether doing it twice does no harm, so that a lost connection is tried again. Defaults to true for GET. */
  readonly repeatable?: boolean;
}

/**
 * The status API over HTTP. Errors are the API's own, as `DarkroomError`s; an API that cannot be reached is a
 * {@link CommandError} with exit code 5.
 */
export class DarkroomClient {
  readonly url: string;
  readonly #apiKey: string | undefined;
  readonly #agent = new Agent({ connectTimeout: 10_000 });

  /** @param url without a slash at the end */
  constructor(url: string, apiKey: string | undefined) {
    this.url = url;
    this.#apiKey = apiKey;
  }

  /** Submits once, even if the answer is lost on its way. */
  async submit(submission: Submission): Promise<BatchStatus> {
    return await this.#json<BatchStatus>({
      method: "POST",
      path: "/v1/batches",
      body: JSON.stringify(submission),
      headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
      repeatable: true,
    });
  }

  /** Submits a manifest of this machine by upload; any size. */
  async submitManifest(submission: Submission, path: string): Promise<BatchStatus> {
    return await this.#json<BatchStatus>({
      method: "POST",
      path: "/v1/batches",
      body: await formOf(submission, path),
      answerWithinMs: UPLOAD_WITHIN_MS,
    });
  }

  /** What a submission would come to; `path` is a manifest of this machine that is sent along. */
  async quote(submission: Submission, path?: string): Promise<Quote> {
    const sent =
      path === undefined
        ? { body: JSON.stringify(submission), headers: { "content-type": "application/json" } }
        : { body: await formOf(submission, path) };
    // The whole source is read before the answer comes.
    return await this.#json<Quote>({ method: "POST", path: "/v1/quotes", answerWithinMs: UPLOAD_WITHIN_MS, ...sent });
  }

  async status(id: string): Promise<BatchStatus> {
    return await this.#json<BatchStatus>({ method: "GET", path: `/v1/batches/${encodeURIComponent(id)}` });
  }

  /** Newest first. */
  async list(
    limit: number,
    before?: string,
  ): Promise<{ readonly batches: readonly BatchStatus[]; readonly nextBefore: string | null }> {
    const query = new URLSearchParams({ limit: String(limit), ...(before === undefined ? {} : { before }) });
    return await this.#json({ method: "GET", path: `/v1/batches?${query.toString()}` });
  }

  async *portraits(id: string, state?: PortraitState): AsyncGenerator<PortraitView> {
    let cursor: number | null = 0;
    while (cursor !== null) {
      const query = new URLSearchParams({ cursor: String(cursor), ...(state === undefined ? {} : { state }) });
      const page: { portraits: readonly PortraitView[]; nextCursor: number | null } = await this.#json({
        method: "GET",
        path: `/v1/batches/${id}/portraits?${query.toString()}`,
      });
      yield* page.portraits;
      cursor = page.nextCursor;
    }
  }

  async move(id: string, move: Move, words: MoveWords = {}): Promise<BatchStatus> {
    return await this.#json<BatchStatus>({
      method: "POST",
      path: `/v1/batches/${id}/${move}`,
      ...(Object.keys(words).length === 0 ? {} : jsonBody(words)),
      repeatable: true,
    });
  }

  /** Rebuilds what Redis has lost of the batches under a destination. */
  async recover(destination: string, batch?: string): Promise<readonly RecoveredBatch[]> {
    const { batches } = await this.#json<{ batches: readonly RecoveredBatch[] }>({
      method: "POST",
      path: "/v1/recoveries",
      body: JSON.stringify({ destination, batch }),
      headers: { "content-type": "application/json" },
      answerWithinMs: UPLOAD_WITHIN_MS,
      repeatable: true,
    });
    return batches;
  }

  async reconcile(id: string, fix: boolean): Promise<readonly DifferenceView[]> {
    const { differences } = await this.#json<{ differences: readonly DifferenceView[] }>({
      method: "POST",
      path: `/v1/batches/${id}/reconcile`,
      body: JSON.stringify({ fix }),
      headers: { "content-type": "application/json" },
      answerWithinMs: UPLOAD_WITHIN_MS,
      repeatable: true,
    });
    return differences;
  }

  /** Opens portraits that failed again. Twice would be two rounds, so a lost connection is not tried again. */
  async retry(id: string, request: RetryRequest): Promise<BatchStatus> {
    return await this.#json<BatchStatus>({
      method: "POST",
      path: `/v1/batches/${id}/retry`,
      ...jsonBody(request),
    });
  }

  /** What the provider asks about the portraits of a batch. */
  async questions(id: string): Promise<QuestionsView> {
    const path = `/v1/batches/${id}/questions`;
    return await this.#json<QuestionsView>({ method: "GET", path, answerWithinMs: UPLOAD_WITHIN_MS });
  }

  /** Answers for all portraits that ask. Twice would be two rounds, so a lost connection is not tried again. */
  async answer(id: string, request: AnswerRequest): Promise<BatchStatus> {
    return await this.#json<BatchStatus>({
      method: "POST",
      path: `/v1/batches/${id}/answer`,
      ...jsonBody(request),
      answerWithinMs: UPLOAD_WITHIN_MS,
    });
  }

  async report(id: string, file: ReportFile): Promise<Readable> {
    return (await this.#call({ method: "GET", path: `/v1/batches/${id}/${file}` })).body;
  }

  /** What happens from now on, until the batch ends or the connection breaks. */
  async *events(id: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const path = `/v1/batches/${id}/events`;
    const { body } = await this.#call({ method: "GET", path, signal, silenceMs: SILENCE_MS, repeatable: false });
    yield* readEvents(body);
  }

  async lanes(): Promise<readonly LaneView[]> {
    return (await this.#json<{ lanes: readonly LaneView[] }>({ method: "GET", path: "/v1/lanes" })).lanes;
  }

  /** What was spent; days of UTC, both included. */
  async costs(query: { readonly from?: string; readonly to?: string; readonly by?: CostGroup }): Promise<Costs> {
    const search = new URLSearchParams(Object.entries(query));
    return await this.#json<Costs>({ method: "GET", path: `/v1/costs?${search.toString()}` });
  }

  async addSchedule(schedule: NewSchedule): Promise<ScheduleView> {
    return await this.#json<ScheduleView>({
      method: "POST",
      path: "/v1/schedules",
      ...jsonBody(schedule),
    });
  }

  async schedules(): Promise<readonly ScheduleView[]> {
    return (await this.#json<{ schedules: readonly ScheduleView[] }>({ method: "GET", path: "/v1/schedules" }))
      .schedules;
  }

  async schedule(id: string): Promise<ScheduleView> {
    return await this.#json<ScheduleView>({ method: "GET", path: `/v1/schedules/${encodeURIComponent(id)}` });
  }

  async removeSchedule(id: string): Promise<void> {
    const { body } = await this.#call({ method: "DELETE", path: `/v1/schedules/${encodeURIComponent(id)}` });
    await body.dump();
  }

  async runSchedule(id: string): Promise<ScheduleView> {
    return await this.#json<ScheduleView>({ method: "POST", path: `/v1/schedules/${encodeURIComponent(id)}/run` });
  }

  /** Whether the API answers and its Redis too. */
  async ready(): Promise<void> {
    const { body } = await this.#call({ method: "GET", path: "/readyz", answerWithinMs: 5_000 });
    await body.dump();
  }

  /**
   * The id that a person means: a whole one, a prefix that only one batch has, or `last`.
   *
   * @throws CommandError with exit code 2 when there is none, or more than one
   */
  async resolveId(given: string): Promise<string> {
    const wanted = given.trim().toLowerCase();
    if (isBatchId(wanted)) return wanted;
    if (wanted === "last") {
      const [newest] = (await this.list(1)).batches;
      if (newest !== undefined) return newest.id;
      throw new CommandError(EXIT.usage, "There is no batch yet. Start one: darkroom enhance SRC DST …");
    }
    const found = await this.#withPrefix(wanted);
    const [id] = found;
    if (id !== undefined && found.length === 1) return id;
    throw new CommandError(
      EXIT.usage,
      id === undefined
        ? `There is no batch whose id begins with "${given}". darkroom list shows those that there are.`
        : `More than one batch begins with "${given}": ${found.slice(0, 3).join(", ")}. Type more of it, or "last".`,
    );
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #withPrefix(prefix: string): Promise<string[]> {
    const found: string[] = [];
    let before: string | undefined;
    for (let page = 0; page < PREFIX_PAGES; page++) {
      const { batches, nextBefore } = await this.list(PAGE, before);
      found.push(...batches.map(({ id }) => id).filter((id) => id.startsWith(prefix)));
      if (nextBefore === null) break;
      before = nextBefore;
    }
    return found;
  }

  async #json<T>(call: Call): Promise<T> {
    const { body } = await this.#call(call);
    return (await body.json()) as T;
  }

  async #call(call: Call): Promise<Dispatcher.ResponseData> {
    const waits = (call.repeatable ?? call.method === "GET") ? RETRY_WAITS_MS : [];
    for (const waitMs of [...waits, undefined]) {
      const answer = await this.#try(call).catch((error: unknown) => {
        call.signal?.throwIfAborted();
        if (waitMs === undefined) throw unreachable(this.url, error);
        return undefined;
      });
      if (answer !== undefined) return await this.#checked(call, answer);
      await sleep(waitMs, undefined, { signal: call.signal });
    }
    throw unreachable(this.url, "no answer");
  }

  async #try(call: Call): Promise<Dispatcher.ResponseData> {
    const url = new URL(`${this.url}${call.path}`);
    return await this.#agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: call.method,
      headers: { ...(this.#apiKey === undefined ? {} : { authorization: `Bearer ${this.#apiKey}` }), ...call.headers },
      headersTimeout: call.answerWithinMs ?? ANSWER_WITHIN_MS,
      bodyTimeout: call.silenceMs ?? ANSWER_WITHIN_MS,
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  }

  async #checked(call: Call, answer: Dispatcher.ResponseData): Promise<Dispatcher.ResponseData> {
    if (answer.statusCode < 300) return answer;
    const contentType = String(answer.headers["content-type"] ?? "");
    const text = await answer.body.text();
    const [path] = call.path.split("?");
    throw errorOfAnswer({ status: answer.statusCode, contentType, text, what: `${call.method} ${path}` });
  }
}

async function formOf(submission: Submission, path: string): Promise<FormData> {
  const form = new FormData();
  form.append("submission", JSON.stringify(submission));
  form.append("manifest", await openAsBlob(path), basename(path));
  return form;
}

function jsonBody(value: unknown): Pick<Call, "body" | "headers"> {
  return { body: JSON.stringify(value), headers: { "content-type": "application/json" } };
}
