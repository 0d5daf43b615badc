import { expect, test } from "vitest";
import { RESULT_METADATA, sha256, type ObjectStore } from "@darkroom/core";
import type { Stores } from "@darkroom/storage";
import { json, testApi } from "../../test/test-api.ts";

/** Stores that do something before an object is written to the folder `final/`. */
function beforePuts(real: Stores, act: () => Promise<void>): Stores {
  const watched = (store: ObjectStore): ObjectStore =>
    new Proxy(store, {
      get(of, name) {
        const member: unknown = Reflect.get(of, name, of);
        if (name !== "put") return typeof member === "function" ? (member.bind(of) as unknown) : member;
        return async (...given: Parameters<ObjectStore["put"]>) => {
          await act();
          return await of.put(...given);
        };
      },
    });
  return {
    open: (url) => (url.endsWith("/final/") ? watched(real.open(url)) : real.open(url)),
    close: () => real.close(),
  };
}

test("leaves no copy if a round ends the decision while the result is copied", async () => {
  let meanwhile = async (): Promise<void> => undefined;
  await using api = await testApi({ wrapStores: (real) => beforePuts(real, () => meanwhile()) });
  const { id, destination, recipe } = await api.batch(1);
  const metadata = { [RESULT_METADATA.batch]: id, [RESULT_METADATA.sha256]: sha256("x") };
  await api.stores.open(destination.url).put("p0.jpg", Buffer.from("x"), { metadata });
  await api.settle(id, 0, "ok");
  const began = await api.ledger.control.beginRound(id, { at: Date.now(), codes: ["ok"], recipe, portraits: "0" });
  if (began.kind !== "begun") throw new Error(`no round: ${began.kind}`);
  // A person approves the earlier result before the producer reopens the portrait.
  const approve = json({ order: "approve", indexes: [0] });
  expect((await api.call(`/v1/batches/${id}/reviews`, approve)).status).toBe(200);
  meanwhile = async () => {
    await api.ledger.control.reopen(id, began.number, new Map([[0, { code: "ok" }]]));
  };
  const place = api.folderUrl("final");
  const { status, body } = await api.call(`/v1/batches/${id}/deliveries`, json({ destination: place }));
  expect([status, body]).toEqual([200, { delivered: 0, unchanged: 0, removed: 1, problems: [], nextCursor: null }]);
  expect(await api.stores.open(place).head("p0.jpg")).toBeUndefined();
});
