import { afterEach, expect, it } from "vitest";
import { batchLedgerKeys } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHoldingFront } from "../kit/holding-front.ts";

const after: (() => Promise<void>)[] = [];
let engine: Engine;
afterEach(async () => {
  for (const close of after.splice(0).reverse()) await close();
});

const bringsPhoto = (asked: string): boolean => asked.startsWith("POST /v1/upload/");
const fetchesPhoto = (asked: string): boolean => asked.startsWith("GET /public/");

it.for([
  ["whose claim was lost", false],
  ["whose claim and receipt were lost", true],
] as const)(
  "does not pay again for a call %s that ends while the photo is prepared for another",
  async ([, isForgotten]) => {
    const front = await startHoldingFront();
    after.push(() => front.close());
    engine = await startEngine({ links: false, workers: 2, env: { EACHLABS_BASE_URL: front.url } });
    after.push(() => engine.close());
    front.passTo(engine.twin.url);
    await engine.addPhotos(1);
    // The first call lasts while the provider waits for the photo.
    front.hold(fetchesPhoto);
    const batch = await engine.submit();
    await until(() => front.held().some(fetchesPhoto), { what: "the first call" });

    front.hold((asked) => fetchesPhoto(asked) || bringsPhoto(asked));
    const claims = await engine.ledger.claimTokens(batch);
    if (isForgotten) {
      const { meta, receipts } = batchLedgerKeys(engine.settings.redis.namespace, batch);
      await engine.redis.hset(meta, "recovered", Date.now());
      await engine.redis.hdel(receipts, "0", "0:summary");
    }
    await engine.ledger.backlog.requeueLost(batch, claims);
    // The next run has found nothing in the provider's memory, and prepares the photo for another call.
    await until(() => front.held().some(bringsPhoto), { what: "the photo for the second call" });
    expect(engine.twin.ledger().billed).toBe(0);
    front.release(fetchesPhoto);
    await until(() => engine.twin.stats().running === 0, { what: "the end of the first call" });
    expect(engine.twin.ledger().billed).toBe(1);
    front.release();

    expect((await engine.ended(batch)).counts).toMatchObject({ total: 1, succeeded: 1 });
    const { billed, doubleBilled } = engine.twin.ledger();
    expect(doubleBilled).toEqual([]);
    expect(billed).toBe(1);
  },
);
