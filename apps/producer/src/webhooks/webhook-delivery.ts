import { DarkroomError, messageOf } from "@darkroom/core";
import type { Feed, FeedPage } from "@darkroom/ledger";
import { serverNow } from "@darkroom/redis-kit";
import type { Logger, Metrics } from "@darkroom/runtime";
import type { GuardedPosts } from "@darkroom/web-fetch";
import {
  ATTEMPT_DELAYS_MS,
  disabledRecord,
  FAILING_FOR_MS,
  goodSecrets,
  judgeAttempt,
  messageOfEvent,
  signedHeaders,
  sourceOfWebhook,
  wantsEvent,
  webhookEvents,
  type LineHead,
  type Verdict,
  type WebhookQueue,
  type WebhookRecord,
  type WebhookStore,
} from "@darkroom/webhooks";
import { chooseLines, type BusySlots } from "./choose-lines.ts";

/** Events read at once. */
const PAGE_EVENTS = 200;
/** Maximum number of messages waiting at an endpoint. Further events stay in the feed until there is room. */
const MOST_WAITING = 10_000;
/**
 * After Redis has lost an endpoint's position in the feed, reading continues this long before that position, because
 * the clock of a new master may be behind. Events that were already delivered are delivered again with the same ids.
 */
const REREAD_MS = 60_000;
/** Interval between checks of an endpoint with nothing to deliver, in ms. */
const REST_MS = 500;
/** Changes of endpoints are noticed after this time, in ms. A delivery reads its endpoint again in any case. */
const LIST_MS = 250;
/** Messages that one turn delivers of a line. Then other lines have their turn. */
const MOST_OF_TURN = 20;

export interface WebhookDeliveryContext {
  readonly webhooks: WebhookStore;
  readonly queue: WebhookQueue;
  readonly feed: Pick<Feed, "read" | "lastBefore" | "forwardFrom">;
  readonly metrics: Pick<Metrics, "webhooksDisabled" | "webhookMessagesWaiting" | "webhookAttempts">;
  readonly posts: Pick<GuardedPosts, "post">;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  /** Aborted to stop deliveries in progress. */
  readonly signal: AbortSignal;
  /** Called after a delivery, when there may be room for others. */
  readonly onRoom: () => void;
  /** Defaults to {@link MOST_WAITING}. */
  readonly mostWaiting?: number | undefined;
  /** Defaults to {@link ATTEMPT_DELAYS_MS}. */
  readonly delays?: readonly number[] | undefined;
}

/** An attempt's answer, or why there was none. */
interface Answer {
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly failure: string | undefined;
}

/** The deliveries in progress to one endpoint: line → true for a message that has failed before. */
interface Serving {
  readonly tenant: string;
  readonly lines: Map<string, boolean>;
}

/** Endpoint → messages that wait. */
type Waiting = Readonly<Record<string, number>>;

/**
 * Delivers the feed's events to the webhooks. Reads the feed into a line for each endpoint and batch, and serves due
 * lines. Two processes that do so at the same time only send messages twice, with the same id.
 */
export class WebhookDelivery {
  readonly #context: WebhookDeliveryContext;
  readonly #busy = new Map<string, Serving>();
  /** Endpoint → time of its next check (monotonic ms). */
  readonly #restsUntil = new Map<string, number>();
  #listed: readonly WebhookRecord[] = [];
  #listedUntil = 0;
  /** Endpoint → number of its last own event that was forwarded. */
  readonly #forwarded = new Map<string, number>();
  readonly #tasks = new Set<Promise<void>>();

  constructor(context: WebhookDeliveryContext) {
    this.#context = context;
  }

  /** Reads new events and starts due deliveries. @returns true if there are more events to read */
  async tick(): Promise<boolean> {
    const { queue } = this.#context;
    const all = await this.#list();
    await this.#forwardOwnEvents(all);
    const waiting = await queue.waiting();
    this.#show(all, waiting);
    const enabled = all.filter(({ disabled }) => disabled === undefined);
    if (enabled.length === 0) return false;
    const hasMore = await this.#readFeed(enabled, waiting);
    const filled = await queue.waiting();
    const now = performance.now();
    const due = enabled.filter(({ id }) => (filled[id] ?? 0) > 0 && (this.#restsUntil.get(id) ?? 0) <= now);
    await Promise.all(due.map((webhook) => this.#serveEndpoint(webhook)));
    return hasMore;
  }

  /** Waits for deliveries in progress. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#tasks);
  }

  async #list(): Promise<readonly WebhookRecord[]> {
    const now = performance.now();
    if (now < this.#listedUntil) return this.#listed;
    this.#listed = await this.#context.webhooks.list();
    this.#listedUntil = now + LIST_MS;
    const ids = new Set(this.#listed.map(({ id }) => id));
    for (const known of [this.#restsUntil, this.#forwarded]) {
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    }
    return this.#listed;
  }

  /** Forwards that endpoints were disabled to the feed. */
  async #forwardOwnEvents(webhooks: readonly WebhookRecord[]): Promise<void> {
    for (const webhook of webhooks) {
      const { id } = webhook;
      const last = webhook.disablings.at(-1)?.sequence;
      if (last === undefined || this.#forwarded.get(id) === last) continue;
      const isForwarded = await this.#context.feed.forwardFrom(sourceOfWebhook(id), webhookEvents(webhook));
      if (isForwarded) this.#forwarded.set(id, last);
    }
  }

  #show(webhooks: readonly WebhookRecord[], waiting: Waiting): void {
    const { metrics } = this.#context;
    const broken = webhooks.filter(({ disabled }) => disabled !== undefined && disabled.by !== "person");
    metrics.webhooksDisabled.set(broken.length);
    metrics.webhookMessagesWaiting.set(Object.values(waiting).reduce((sum, count) => sum + count, 0));
  }

  async #readFeed(enabled: readonly WebhookRecord[], waiting: Waiting): Promise<boolean> {
    const { queue, feed, mostWaiting = MOST_WAITING } = this.#context;
    const cursors = await queue.cursors();
    const pages = new Map<string, Promise<FeedPage>>();
    const read = async (webhook: WebhookRecord): Promise<boolean> => {
      const { id } = webhook;
      const cursor = cursors[id];
      if (cursor === undefined || (waiting[id] ?? 0) >= mostWaiting) return false;
      const page = pages.get(cursor) ?? feed.read(cursor, PAGE_EVENTS);
      pages.set(cursor, page);
      const { events, next, gap } = await page;
      if (gap === "rewritten") {
        const lostMs = Number.parseInt(cursor, 10);
        await queue.append(id, [cursor, await feed.lastBefore(lostMs - REREAD_MS)], []);
        return true;
      }
      if (gap === "trimmed") await this.#noteMissed(id);
      if (next === cursor) return false;
      const wanted = events.filter(({ event }) => wantsEvent(webhook, event));
      const messages = wanted.map(({ position, event }) => ({
        source: event.id.slice(0, event.id.lastIndexOf(".")),
        message: messageOfEvent(id, position, event),
      }));
      await queue.append(id, [cursor, next], messages);
      if (messages.length > 0) this.#restsUntil.delete(id);
      return events.length === PAGE_EVENTS;
    };
    return (await Promise.all(enabled.map(read))).some(Boolean);
  }

  async #noteMissed(id: string): Promise<void> {
    const { queue, log } = this.#context;
    await queue.noteMissed(id, serverNow());
    log.error({ webhook: id }, "events were dropped from the feed before this webhook got them");
  }

  async #serveEndpoint({ id, tenant }: WebhookRecord): Promise<void> {
    // Also bounds the looks if all of the endpoint's slots are taken.
    this.#restsUntil.set(id, performance.now() + REST_MS);
    const serving = this.#busy.get(id) ?? { tenant, lines: new Map<string, boolean>() };
    const { lines, nextMs = REST_MS } = await this.#context.queue.due(id);
    if (nextMs < REST_MS) this.#restsUntil.set(id, performance.now() + nextMs);
    const due = lines.filter(({ source }) => !serving.lines.has(source));
    const all = [...this.#busy.values()];
    const busy = {
      endpoint: slotsOf([serving]),
      tenant: slotsOf(all.filter((each) => each.tenant === tenant)),
      producer: slotsOf(all),
    };
    for (const { source, attempts } of chooseLines(due, busy)) {
      serving.lines.set(source, attempts > 0);
      this.#busy.set(id, serving);
      this.#start(id, source);
    }
  }

  #start(id: string, source: string): void {
    const { log, signal, onRoom } = this.#context;
    const task = this.#serveLine(id, source)
      .catch((error: unknown) => {
        if (!signal.aborted) log.error({ webhook: id, err: error }, `a delivery failed: ${messageOf(error)}`);
      })
      .finally(() => {
        const serving = this.#busy.get(id);
        serving?.lines.delete(source);
        if (serving?.lines.size === 0) this.#busy.delete(id);
        this.#restsUntil.delete(id);
        this.#tasks.delete(task);
        onRoom();
      });
    this.#tasks.add(task);
  }

  /** Delivers messages of a line, in order, until one fails. */
  async #serveLine(id: string, source: string): Promise<void> {
    const { webhooks, queue } = this.#context;
    for (let turn = 0; turn < MOST_OF_TURN; turn += 1) {
      const [webhook, head] = await Promise.all([webhooks.read(id), queue.head(id, source)]);
      if (webhook === undefined || webhook.disabled !== undefined || head === undefined) return;
      const began = performance.now();
      const answer = await this.#post(webhook, head);
      if (answer === undefined) return;
      if (!(await this.#conclude(webhook, head, answer, performance.now() - began))) return;
    }
  }

  /** @returns undefined if this process stops */
  async #post(webhook: WebhookRecord, { message }: LineHead): Promise<Answer | undefined> {
    const { posts, signal } = this.#context;
    const atMs = serverNow();
    const { id, body } = message;
    const headers = signedHeaders(goodSecrets(webhook, atMs), { id, atMs, body });
    try {
      const { status, retryAfterMs } = await posts.post(new URL(webhook.url), { headers, body, signal });
      return { status, retryAfterMs, failure: status < 300 ? undefined : `HTTP ${status}` };
    } catch (error) {
      if (signal.aborted) return undefined;
      // Any other error may contain the URL or a header.
      const failure = error instanceof DarkroomError ? error.message : "the request could not be made";
      return { status: undefined, retryAfterMs: undefined, failure };
    }
  }

  /** Records an attempt. @returns true if the next message may be delivered */
  async #conclude(webhook: WebhookRecord, head: LineHead, answer: Answer, durationMs: number): Promise<boolean> {
    const { queue, delays = ATTEMPT_DELAYS_MS, log } = this.#context;
    const attempt = head.attempts + 1;
    const verdict = judgeAttempt({ ...answer, attempt }, Math.random(), delays);
    const delayMs = verdict.kind === "retry" ? verdict.delayMs : 0;
    const { type, data } = JSON.parse(head.message.body) as { type: string; data: { event?: string } };
    const settled = await queue.settle(webhook.id, head, {
      leaves: verdict.kind === "delivered" || verdict.kind === "given_up",
      delayMs,
      holdMs: verdict.kind === "retry" ? verdict.holdMs : 0,
      entry: {
        message: head.message.id,
        position: head.message.position,
        type,
        event: data.event ?? null,
        attempt,
        outcome: outcomeOf(verdict),
        status: answer.status ?? null,
        durationMs: Math.round(durationMs),
        failure: answer.failure,
        nextAt: verdict.kind === "retry" ? new Date(serverNow() + delayMs).toISOString() : undefined,
      },
    });
    if (settled === undefined) return false;
    this.#context.metrics.webhookAttempts.inc({ outcome: outcomeOf(verdict) });
    if (verdict.kind === "delivered") return settled.remaining > 0;
    const { failure } = answer;
    const what = { webhook: webhook.id, message: head.message.id, type, attempt, failure };
    log.warn(what, `webhook delivery ${outcomeOf(verdict)}`);
    if (verdict.kind === "gone") await this.#disable(webhook.id, "gone", "The receiver answered 410 Gone.");
    else if (settled.failingSince > 0 && serverNow() - settled.failingSince >= FAILING_FOR_MS) {
      const since = new Date(settled.failingSince).toISOString();
      await this.#disable(webhook.id, "failing", `Every delivery since ${since} has failed: ${failure ?? ""}.`);
    }
    return verdict.kind === "given_up" && settled.remaining > 0;
  }

  async #disable(id: string, by: "gone" | "failing", reason: string): Promise<void> {
    const { webhooks, log } = this.#context;
    const atMs = serverNow();
    const changed = await webhooks.change(id, (record) =>
      record.disabled === undefined ? disabledRecord(record, { atMs, by, reason }) : undefined,
    );
    this.#listedUntil = 0;
    if (changed !== undefined) log.error({ webhook: id, by }, `webhook disabled: ${reason}`);
  }
}

function slotsOf(serving: readonly Serving[]): BusySlots {
  const lines = serving.flatMap((each) => [...each.lines.values()]);
  return { all: lines.length, retries: lines.filter(Boolean).length };
}

function outcomeOf({ kind }: Verdict): "delivered" | "failed" | "given_up" {
  return kind === "delivered" || kind === "given_up" ? kind : "failed";
}
