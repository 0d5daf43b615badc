import { until } from "@darkroom/testkit";
import { describe, expect, it } from "vitest";
import { inParallel, ODD_KEYS, type StoreHarness } from "./suite-harness.ts";

export function linkSuite(harness: () => StoreHarness): void {
  describe("link", () => {
    it("gives anyone the object, for any key", async () => {
      const { store } = harness();
      await inParallel(ODD_KEYS, 4, async (key) => {
        await store.put(`linked/${key}`, Buffer.from(key), { contentType: "image/jpeg" });
        const answer = await fetch(await store.link(`linked/${key}`, { expiresInSeconds: 60 }));
        expect([key, answer.status, await answer.text()]).toEqual([key, 200, key]);
        expect(answer.headers.get("content-type")).toBe("image/jpeg");
      });
    });

    it("expires", async () => {
      const { store } = harness();
      await store.put("short.jpg", Buffer.from("x"));
      const url = await store.link("short.jpg", { expiresInSeconds: 2 });
      const status = async (): Promise<number> => {
        const answer = await fetch(url);
        await answer.arrayBuffer();
        return answer.status;
      };
      expect(await status()).toBe(200);
      const ended = await until(async () => [await status()].find((each) => each !== 200), {
        what: "the link to expire",
        everyMs: 100,
      });
      expect(ended).toBe(403);
    });

    it("opens no other object when it is tampered with", async () => {
      const { store } = harness();
      await store.put("mine/ana.jpg", Buffer.from("mine"));
      await store.put("mine/bob.jpg", Buffer.from("other"));
      const url = new URL(await store.link("mine/ana.jpg", { expiresInSeconds: 60 }));
      const other = new URL(await store.link("mine/bob.jpg", { expiresInSeconds: 60 }));
      const swapped = store.kind === "s3" ? new URL(other.pathname + url.search, url) : swapToken(url, other);
      const answer = await fetch(swapped);
      expect(answer.status).toBe(403);
      expect(await answer.text()).not.toContain("other");
    });

    it.each([0, -5, 1.5, 604_801])("rejects a lifetime of %d seconds", async (expiresInSeconds) => {
      const link = harness().store.link("x.jpg", { expiresInSeconds });
      await expect(link).rejects.toMatchObject({ code: "storage_invalid", message: expect.stringContaining("604800") });
    });
  });
}

/** Combines the claims of `other` with the signature of `url`. */
function swapToken(url: URL, other: URL): URL {
  const [, , own = ""] = url.pathname.split("/");
  const [, , wished = ""] = other.pathname.split("/");
  const forged = `${wished.split(".")[0]}.${own.split(".")[1]}`;
  return new URL(url.href.replace(own, forged));
}
