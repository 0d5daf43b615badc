import { randomUUID } from "node:crypto";
import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import type {
  AnswerRequest,
  BatchStatus,
  ConsistencyFile,
  CostGroup,
  Costs,
  FeedEvent,
  PortraitState,
  Quote,
  RetryRequest,
  Submission,
} from "@darkroom/core";
import { ApiCaller, jsonBody, type Call } from "./api-caller.ts";
import type {
  ActionRequest,
  DryRunView,
  OperationView,
  CleanedBatch,
  DeliveredView,
  DeliverRequest,
  DifferenceView,
  GivenFilter,
  IssuedKey,
  IssuedLink,
  KeyView,
  LaneView,
  LinkView,
  Move,
  MoveWords,
  NewKey,
  NewLink,
  NewSchedule,
  OrderedRun,
  OverlappingBatch,
  PortraitView,
  QuestionsView,
  RecoveredBatch,
  RedoneView,
  RedoRequest,
  ReportFile,
  ReviewedView,
  ReviewLineView,
  ReviewRequest,
  ScheduleView,
  CreatedScheduleView,
  ScheduleWithRuns,
  SubmittedBatch,
} from "./api-views.ts";
import { readEvents, type WatchEvent } from "./event-reader.ts";
import { readFeed, type FeedMessage } from "@darkroom/client";
import { WebhookClient } from "./webhook-client.ts";

/** The API reads an upload completely before it responds. */
const UPLOAD_WITHIN_MS = 3_600_000;
/** Silence after which an event stream is considered lost. The API sends data every 15 seconds. */
const SILENCE_MS = 45_000;

interface ClientOptions {
  /** The data folder of the batches. */
  readonly folder?: string;
  /** What the user can do when the API cannot be reached. Defaults to advice for an API given by URL. */
  readonly awayAdvice?: string;
}

/** Selects events of the feed. */
interface FeedQuery {
  readonly batchId: string | undefined;
  /** A position, or `0` for all stored events. */
  readonly after: string;
  /** False to end after the stored events. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/**
 * An HTTP client for the status API. Throws the API's errors as `DarkroomError`s, and a {@link CommandError} with exit
 * code 5 when the API is unreachable.
 */
export class DarkroomClient {
  readonly url: string;
  /** The data folder of the batches; undefined for an API given by URL or a shared one. */
  readonly folder: string | undefined;
  readonly webhooks: WebhookClient;
  readonly #api: ApiCaller;

  /** @param url without a trailing slash */
  constructor(url: string, apiKey: string | undefined, { folder, awayAdvice }: ClientOptions = {}) {
    this.url = url;
    this.folder = folder;
    this.#api = new ApiCaller(url, apiKey, awayAdvice);
    this.webhooks = new WebhookClient(this.#api);
  }

  /** Submits a batch, exactly once even if the response is lost. */
  async submit(submission: Submission): Promise<SubmittedBatch> {
    return await this.#api.json<SubmittedBatch>({
      method: "POST",
      path: "/v1/batches",
      body: JSON.stringify(submission),
      headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
      repeatable: true,
    });
  }

  /** Submits a local manifest of any size by upload. */
  async submitManifest(submission: Submission, path: string): Promise<SubmittedBatch> {
    return await this.#api.json<SubmittedBatch>({
      method: "POST",
      path: "/v1/batches",
      body: await formOf(submission, path),
      answerWithinMs: UPLOAD_WITHIN_MS,
    });
  }

  /** Quotes a submission; `path` is a local manifest to upload. */
  async quote(submission: Submission, path?: string): Promise<Quote> {
    const sent =
      path === undefined
        ? { body: JSON.stringify(submission), headers: { "content-type": "application/json" } }
        : { body: await formOf(submission, path) };
    // The API reads the whole source before it responds.
    return await this.#api.json<Quote>({
      method: "POST",
      path: "/v1/quotes",
      answerWithinMs: UPLOAD_WITHIN_MS,
      ...sent,
    });
  }

  /** Lists active batches that write to the same keys as a submission, oldest first. */
  async overlaps(submission: Submission): Promise<{ readonly batches: readonly OverlappingBatch[] }> {
    return await this.#api.json({ method: "POST", path: "/v1/overlaps", repeatable: true, ...jsonBody(submission) });
  }

  /** Quotes an accepted batch. */
  async quoteOf(id: string): Promise<Quote> {
    const path = `/v1/batches/${id}/quote`;
    return await this.#api.json<Quote>({ method: "GET", path, answerWithinMs: UPLOAD_WITHIN_MS });
  }

  /** Submits sample batches, which only the simulator makes. */
  async createSamples(): Promise<void> {
    await this.#api.json({ method: "POST", path: "/v1/samples", answerWithinMs: UPLOAD_WITHIN_MS });
  }

  async createKey(key: NewKey): Promise<IssuedKey> {
    return await this.#api.json<IssuedKey>({ method: "POST", path: "/v1/keys", ...jsonBody(key) });
  }

  /** Lists all keys, newest first. */
  async *keys(): AsyncGenerator<KeyView> {
    let cursor: string | null = "";
    do {
      const query = new URLSearchParams({ limit: "200", ...(cursor === "" ? {} : { cursor }) });
      const page: { readonly keys: readonly KeyView[]; readonly nextCursor: string | null } = await this.#api.json({
        method: "GET",
        path: `/v1/keys?${query.toString()}`,
      });
      yield* page.keys;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  async rotateKey(id: string, graceSeconds: number): Promise<IssuedKey> {
    const path = `/v1/keys/${encodeURIComponent(id)}/rotate`;
    return await this.#api.json<IssuedKey>({ method: "POST", path, ...jsonBody({ graceSeconds }) });
  }

  async revokeKey(id: string): Promise<KeyView> {
    return await this.#api.json<KeyView>({
      method: "POST",
      path: `/v1/keys/${encodeURIComponent(id)}/revoke`,
      repeatable: true,
    });
  }

  async createLink(batchId: string, link: NewLink): Promise<IssuedLink> {
    return await this.#api.json<IssuedLink>({
      method: "POST",
      path: `/v1/batches/${encodeURIComponent(batchId)}/links`,
      ...jsonBody(link),
    });
  }

  async links(batchId: string): Promise<readonly LinkView[]> {
    const path = `/v1/batches/${encodeURIComponent(batchId)}/links`;
    return (await this.#api.json<{ readonly links: readonly LinkView[] }>({ method: "GET", path })).links;
  }

  async revokeLink(batchId: string, id: string): Promise<LinkView> {
    return await this.#api.json<LinkView>({
      method: "POST",
      path: `/v1/batches/${encodeURIComponent(batchId)}/links/${encodeURIComponent(id)}/revoke`,
      repeatable: true,
    });
  }

  async status(id: string): Promise<BatchStatus> {
    return await this.#api.json<BatchStatus>({ method: "GET", path: `/v1/batches/${encodeURIComponent(id)}` });
  }

  /** Lists batches, newest first. */
  async list(
    limit: number,
    cursor?: string,
  ): Promise<{ readonly batches: readonly BatchStatus[]; readonly nextCursor: string | null }> {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor === undefined ? {} : { cursor }) });
    return await this.#api.json({ method: "GET", path: `/v1/batches?${query.toString()}` });
  }

  /** Lists a batch's portraits that match a filter, in order. */
  async *portraits(id: string, filter: GivenFilter = {}): AsyncGenerator<PortraitView> {
    let cursor: string | null = "";
    while (cursor !== null) {
      const query = queryOf({ ...filter, cursor: cursor === "" ? undefined : cursor });
      const page: { portraits: readonly PortraitView[]; nextCursor: string | null } = await this.#api.json({
        method: "GET",
        path: `/v1/batches/${id}/portraits?${query.toString()}`,
      });
      yield* page.portraits;
      cursor = page.nextCursor;
    }
  }

  /** Decides about results. */
  async review(id: string, request: ReviewRequest): Promise<ReviewedView> {
    // The API checks each result in the object store.
    const path = `/v1/batches/${id}/reviews`;
    return await this.#api.json({ method: "POST", path, answerWithinMs: UPLOAD_WITHIN_MS, ...jsonBody(request) });
  }

  /** Orders other results, exactly once even if the response is lost. */
  async redo(id: string, request: RedoRequest): Promise<RedoneView> {
    return await this.#api.json({
      method: "POST",
      path: `/v1/batches/${id}/redo`,
      answerWithinMs: UPLOAD_WITHIN_MS,
      ...anOrder(request),
    });
  }

  /** Counts the portraits of an action, and returns its maximum cost. */
  async countAction(id: string, request: ActionRequest): Promise<DryRunView> {
    const path = `/v1/batches/${id}/actions`;
    const body = jsonBody({ ...request, dryRun: true });
    return await this.#api.json({ method: "POST", path, answerWithinMs: UPLOAD_WITHIN_MS, repeatable: true, ...body });
  }

  /** Starts an action, exactly once even if the response is lost. */
  async startAction(id: string, request: ActionRequest): Promise<OperationView> {
    const path = `/v1/batches/${id}/actions`;
    return await this.#api.json({ method: "POST", path, answerWithinMs: UPLOAD_WITHIN_MS, ...anOrder(request) });
  }

  /** Returns an action's progress or end. */
  async operation(id: string): Promise<OperationView> {
    return await this.#api.json({ method: "GET", path: `/v1/operations/${id}` });
  }

  /** Copies a page of the approved results to a final place. */
  async deliver(id: string, request: DeliverRequest): Promise<DeliveredView> {
    const path = `/v1/batches/${id}/deliveries`;
    return await this.#api.json({
      method: "POST",
      path,
      answerWithinMs: UPLOAD_WITHIN_MS,
      repeatable: true,
      ...jsonBody(request),
    });
  }

  /** Lists the review log, newest first. */
  async *reviewLog(id: string): AsyncGenerator<ReviewLineView> {
    let before: number | null | undefined;
    do {
      const page: { reviews: readonly ReviewLineView[]; nextBefore: number | null } = await this.#api.json({
        method: "GET",
        path: `/v1/batches/${id}/reviews?limit=200${before === undefined ? "" : `&before=${before}`}`,
      });
      yield* page.reviews;
      before = page.nextBefore;
    } while (before !== null);
  }

  /** Returns the first page of portraits in a state. */
  async firstPortraits(id: string, state: PortraitState): Promise<readonly PortraitView[]> {
    const path = `/v1/batches/${id}/portraits?state=${state}`;
    return (await this.#api.json<{ portraits: readonly PortraitView[] }>({ method: "GET", path })).portraits;
  }

  /** Returns the portraits of an ended batch that stand out from the others. */
  async consistency(id: string): Promise<ConsistencyFile> {
    return await this.#api.json<ConsistencyFile>({ method: "GET", path: `/v1/batches/${id}/consistency` });
  }

  /** Returns one portrait, by its index. */
  async portrait(id: string, index: number): Promise<PortraitView> {
    return await this.#api.json<PortraitView>({ method: "GET", path: `/v1/batches/${id}/portraits/${index}` });
  }

  async move(id: string, move: Move, words: MoveWords = {}): Promise<BatchStatus> {
    return await this.#api.json<BatchStatus>({
      method: "POST",
      path: `/v1/batches/${id}/${move}`,
      ...anOrder(words),
    });
  }

  /** Rebuilds lost batches from their destination. */
  async recover(
    destination: string,
    options: { readonly batch?: string; readonly thoughItRuns?: boolean } = {},
  ): Promise<readonly RecoveredBatch[]> {
    const { batches } = await this.#api.json<{ batches: readonly RecoveredBatch[] }>({
      method: "POST",
      path: "/v1/recoveries",
      body: JSON.stringify({ destination, ...options }),
      headers: { "content-type": "application/json" },
      answerWithinMs: UPLOAD_WITHIN_MS,
      repeatable: true,
    });
    return batches;
  }

  async reconcile(id: string, fix: boolean): Promise<readonly DifferenceView[]> {
    const { differences } = await this.#api.json<{ differences: readonly DifferenceView[] }>({
      method: "POST",
      path: `/v1/batches/${id}/reconcile`,
      body: JSON.stringify({ fix }),
      headers: { "content-type": "application/json" },
      answerWithinMs: UPLOAD_WITHIN_MS,
      repeatable: true,
    });
    return differences;
  }

  /** Retries failed portraits, exactly once even if the response is lost. */
  async retry(id: string, request: RetryRequest & { readonly revision?: number }): Promise<BatchStatus> {
    return await this.#api.json<BatchStatus>({
      method: "POST",
      path: `/v1/batches/${id}/retry`,
      ...anOrder(request),
    });
  }

  /** Returns the provider's questions about a batch's portraits. */
  async questions(id: string): Promise<QuestionsView> {
    const path = `/v1/batches/${id}/questions`;
    return await this.#api.json<QuestionsView>({ method: "GET", path, answerWithinMs: UPLOAD_WITHIN_MS });
  }

  /** Answers a question for all portraits that have it, exactly once even if the response is lost. */
  async answer(id: string, request: AnswerRequest): Promise<BatchStatus> {
    return await this.#api.json<BatchStatus>({
      method: "POST",
      path: `/v1/batches/${id}/answer`,
      ...anOrder(request),
      answerWithinMs: UPLOAD_WITHIN_MS,
    });
  }

  async report(id: string, file: ReportFile): Promise<Readable> {
    return await this.#api.call({ method: "GET", path: `/v1/batches/${id}/${file}` });
  }

  /** Streams a ZIP of the results that are there now. */
  async results(id: string, only: "all" | "approved"): Promise<Readable> {
    return await this.#api.call({ method: "GET", path: `/v1/batches/${id}/results.zip?only=${only}` });
  }

  /** Deletes the working files of an ended batch, and its state. */
  async clean(id: string, report: "keep" | "delete"): Promise<CleanedBatch> {
    return await this.#api.json<CleanedBatch>({
      method: "DELETE",
      path: `/v1/batches/${id}?report=${report}`,
      answerWithinMs: UPLOAD_WITHIN_MS,
    });
  }

  /** Streams events from now on, until the batch ends or the connection breaks. */
  async *events(id: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const path = `/v1/batches/${id}/events`;
    const body = await this.#api.call({ method: "GET", path, signal, silenceMs: SILENCE_MS, repeatable: false });
    yield* readEvents(body);
  }

  /** Streams the events of the feed after a position, for all batches or for one. */
  async *feed({ batchId, after, follow, signal }: FeedQuery): AsyncGenerator<FeedMessage<FeedEvent>> {
    const query = new URLSearchParams({ after, follow: String(follow) });
    const path = `${batchId === undefined ? "/v1/events" : `/v1/batches/${batchId}/events`}?${query.toString()}`;
    const body = await this.#api.call({ method: "GET", path, signal, silenceMs: SILENCE_MS, repeatable: false });
    yield* readFeed<FeedEvent>(body);
  }

  async lanes(): Promise<readonly LaneView[]> {
    return (await this.#api.json<{ lanes: readonly LaneView[] }>({ method: "GET", path: "/v1/lanes" })).lanes;
  }

  /** Unblocks a lane; idempotent. */
  async unblockLane(name: string): Promise<LaneView> {
    const path = `/v1/lanes/${encodeURIComponent(name)}/unblock`;
    return await this.#api.json<LaneView>({ method: "POST", path, repeatable: true });
  }

  /** Returns the costs of a range of days in UTC, inclusive. */
  async costs(query: {
    readonly from?: string;
    readonly to?: string;
    readonly by?: CostGroup;
    readonly simulated?: boolean;
  }): Promise<Costs> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    return await this.#api.json<Costs>({ method: "GET", path: `/v1/costs?${search.toString()}` });
  }

  async addSchedule(schedule: NewSchedule): Promise<CreatedScheduleView> {
    return await this.#api.json<CreatedScheduleView>({
      method: "POST",
      path: "/v1/schedules",
      ...jsonBody(schedule),
    });
  }

  async schedules(): Promise<readonly ScheduleView[]> {
    return (await this.#api.json<{ schedules: readonly ScheduleView[] }>({ method: "GET", path: "/v1/schedules" }))
      .schedules;
  }

  async schedule(id: string): Promise<ScheduleWithRuns> {
    return await this.#api.json<ScheduleWithRuns>({ method: "GET", path: `/v1/schedules/${encodeURIComponent(id)}` });
  }

  async removeSchedule(id: string): Promise<void> {
    await this.#api.send({ method: "DELETE", path: `/v1/schedules/${encodeURIComponent(id)}` });
  }

  async pauseSchedule(id: string, reason: string | undefined): Promise<ScheduleView> {
    const path = `/v1/schedules/${encodeURIComponent(id)}/pause`;
    return await this.#api.json<ScheduleView>({ method: "POST", path, ...jsonBody({ reason }), repeatable: true });
  }

  async resumeSchedule(id: string): Promise<ScheduleView> {
    const path = `/v1/schedules/${encodeURIComponent(id)}/resume`;
    return await this.#api.json<ScheduleView>({ method: "POST", path, repeatable: true });
  }

  async runSchedule(id: string): Promise<OrderedRun> {
    return await this.#api.json<OrderedRun>({ method: "POST", path: `/v1/schedules/${encodeURIComponent(id)}/run` });
  }

  /** Resolves if the API and its Redis respond; throws otherwise. */
  async ready(): Promise<void> {
    await this.#api.send({ method: "GET", path: "/readyz", answerWithinMs: 5_000 });
  }

  async close(): Promise<void> {
    await this.#api.close();
  }
}

/** Builds a query from the given parameters. */
function queryOf(parameters: Readonly<Record<string, string | number | undefined>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value));
  return query;
}

/** Builds a request with a separate idempotency key, so that the API executes it once. */
function anOrder(words: object): Pick<Call, "body" | "headers" | "repeatable"> {
  const key = { "idempotency-key": randomUUID() };
  if (Object.keys(words).length === 0) return { headers: key, repeatable: true };
  const { body = "", headers } = jsonBody(words);
  return { body, headers: { ...headers, ...key }, repeatable: true };
}

async function formOf(submission: Submission, path: string): Promise<FormData> {
  const form = new FormData();
  form.append("submission", JSON.stringify(submission));
  form.append("manifest", await openAsBlob(path), basename(path));
  return form;
}
