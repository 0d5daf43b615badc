import { messageOf, protocolMs } from "@darkroom/core";
import type { Bus, Ledger } from "@darkroom/ledger";
import { closeWithin, type Lease } from "@darkroom/redis-kit";
import type { Logger, Metrics } from "@darkroom/runtime";
import { GuardedPosts, type ProxySettings } from "@darkroom/web-fetch";
import type { WebhookQueue, WebhookStore } from "@darkroom/webhooks";
import { WebhookDelivery } from "./webhook-delivery.ts";

/** Interval between checks for due deliveries when no event arrives. */
const LOOK_MS = protocolMs(500);
/** Shortest time between two looks. */
const PAUSE_MS = 20;
/** Time for deliveries in progress when the producer stops. Another producer repeats the interrupted ones. */
const GRACE_MS = 4_000;

export interface WebhookLoopContext {
  readonly bus: Pick<Bus, "onFeed">;
  readonly ledger: Pick<Ledger, "feed">;
  readonly webhooks: WebhookStore;
  readonly queue: WebhookQueue;
  readonly proxy: ProxySettings;
  /** True to deliver to private networks too. */
  readonly allowPrivate: boolean;
  readonly lease: (what: string) => Lease;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Aborted when this producer stops. */
  readonly signal: AbortSignal;
}

/** Delivers webhooks until the producer stops. A lease leaves the work to one producer. */
export async function runWebhooks(context: WebhookLoopContext): Promise<void> {
  const { bus, ledger, webhooks, queue, proxy, allowPrivate, log, metrics, signal } = context;
  const posts = new GuardedPosts({ allowPrivate, proxy });
  const cutting = new AbortController();
  const lease = context.lease("webhooks");
  let isNews = true;
  let wake = (): void => undefined;
  const nudge = (): void => {
    isNews = true;
    wake();
  };
  const wait = async (ms: number): Promise<void> => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wake = () => undefined;
  };
  const delivery = new WebhookDelivery({
    webhooks,
    queue,
    posts,
    feed: ledger.feed,
    metrics,
    log,
    signal: cutting.signal,
    onRoom: nudge,
  });
  const stopListening = await bus.onFeed(nudge);
  signal.addEventListener("abort", nudge);
  while (!signal.aborted) {
    isNews = false;
    try {
      if ((await lease.hold()) && (await delivery.tick())) isNews = true;
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, `delivering webhooks failed, retrying: ${messageOf(error)}`);
    }
    if (signal.aborted) break;
    await wait(PAUSE_MS);
    if (!isNews && !signal.aborted) await wait(LOOK_MS);
  }
  const cut = setTimeout(() => cutting.abort(), GRACE_MS);
  await closeWithin(() => delivery.settle());
  clearTimeout(cut);
  cutting.abort();
  await posts.close();
  await closeWithin(stopListening);
}
