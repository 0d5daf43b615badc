import { describe, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { KeyRange } from "./s3-key-range.ts";
import type { ListedPage, PageStart } from "./s3-pages.ts";

/**
 * Returns pages of ten keys, 00 to 99, from the requested start. `ignoresStart` imitates a store without start keys.
 */
function pages(ignoresStart = false) {
  const asked: PageStart[] = [];
  const load = async (start: PageStart): Promise<ListedPage> => {
    asked.push(start);
    const after = "token" in start ? start.token : ignoresStart ? undefined : start.after;
    const first = after === undefined ? 0 : Number(after) + 1;
    const keys = Array.from({ length: 10 }, (_, i) => first + i).filter((key) => key < 100);
    const objects = keys.map((key) => ({ key: String(key).padStart(2, "0"), sizeBytes: 1, etag: "", modifiedAt: 0 }));
    const token = objects.at(-1)?.key;
    return { objects, next: token === undefined || token === "99" ? undefined : { token } };
  };
  return { load, asked };
}

async function keysOf(range: KeyRange): Promise<string[]> {
  const keys: string[] = [];
  for (let page = await range.next(); page !== undefined; page = await range.next()) {
    keys.push(...page.map(({ key }) => key));
  }
  return keys;
}

const between = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i).padStart(2, "0"));

describe("KeyRange", () => {
  it("returns the keys after one and up to another, and requests no page beyond", async () => {
    const { load, asked } = pages();
    expect(await keysOf(new KeyRange(load, "14", "37", () => undefined))).toEqual(between(15, 37));
    expect(asked.length).toBe(3);
    expect(await keysOf(new KeyRange(load, undefined, undefined, () => undefined))).toEqual(between(0, 99));
  });

  it("drops earlier keys from a store that ignores the start key", async () => {
    const { load } = pages(true);
    expect(await keysOf(new KeyRange(load, "14", "37", () => undefined))).toEqual(between(15, 37));
  });

  it("buffers up to its limit and continues when keys are taken", async () => {
    const { load, asked } = pages();
    const range: KeyRange = new KeyRange(load, undefined, undefined, () => range.fill(25));
    range.fill(25);
    await until(() => asked.length === 3, { what: "three pages" });
    await range.next();
    range.fill(25);
    await until(() => asked.length === 4, { what: "the fourth page" });
    for (let turns = 0; turns < 50; turns += 1) await Promise.resolve();
    expect(asked.length).toBe(4);
  });

  it("returns the keys before a failure, then throws the failure", async () => {
    const { load } = pages();
    let calls = 0;
    const range = new KeyRange(
      async (start) => {
        calls += 1;
        if (calls === 2) throw new Error("the store is gone");
        return await load(start);
      },
      undefined,
      undefined,
      () => range.fill(100),
    );
    range.fill(100);
    expect((await range.next())?.length).toBe(10);
    await expect(range.next()).rejects.toThrow("the store is gone");
  });
});
