import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { LISTING_WIDTH, ListedRanges } from "../src/listed-ranges.ts";
import type { ListedPage, PageStart } from "../src/s3-pages.ts";
import { byBytes, FakeListing, type StartSemantics } from "./fake-listing.ts";

const PAGE = 10;
const WHOLE = { prefix: "", after: undefined };

async function keysOf(ranges: ListedRanges, most = Infinity): Promise<string[]> {
  const keys: string[] = [];
  for (let page = await ranges.next(); page !== undefined && keys.length < most; page = await ranges.next()) {
    keys.push(...page.map(({ key }) => key));
  }
  return keys;
}

const count = (length: number, nameOf: (i: number) => string): string[] => Array.from({ length }, (_, i) => nameOf(i));
const padded = (i: number, digits = 7): string => String(i).padStart(digits, "0");
/** Hashes numbers to hex digits, evenly distributed. */
const hashed = (i: number): string => (Math.imul(i + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, "0");

/** Names whose UTF-8 order differs from their UTF-16 order, and the limits of both planes. */
const ODD = ["a", "b", "/", "//", "0", "9", "-", "é", "\ud7ff", "\ue000", "｡", "\uffff", "😀", "😁", "\u{10ffff}", " "];
const oddName = fc.string({ unit: fc.constantFrom(...ODD), minLength: 1, maxLength: 8 });

/** Bucket layouts, as functions of the number of keys. */
const LAYOUTS: Readonly<Record<string, (size: number) => readonly string[]>> = {
  "one giant folder": (size) => count(size, (i) => `photos/IMG_${padded(i)}.jpg`),
  "numbers of any length": (size) => count(size, (i) => `IMG_${i}.jpg`),
  "hashed names": (size) => count(size, (i) => `${hashed(i)}.jpg`),
  "a few large folders": (size) => count(size, (i) => `d${i % 4}/p${padded(i)}.jpg`),
  "thousands of tiny folders": (size) => count(size, (i) => `d${hashed(i >> 1)}/${i % 2}.jpg`),
  "folders of a page": (size) => count(size, (i) => `d${padded(Math.floor(i / PAGE), 4)}/p${padded(i % PAGE)}.jpg`),
  "a giant folder among tiny ones": (size) =>
    count(size, (i) => (i % 3 === 0 ? `t${hashed(i)}/1.jpg` : `m/${padded(i)}.jpg`)),
  "long shared prefixes": (size) => count(size, (i) => `${"long/".repeat(150)}${i % 7}/${"n".repeat(200)}${i}.jpg`),
  "surrogate pairs and what sorts beside them": (size) =>
    count(size, (i) => `${ODD[i % ODD.length] ?? ""}${ODD[(i >> 4) % ODD.length] ?? ""}/${hashed(i)}😀${i}`),
  "the delimiter twice, and folders as objects": (size) =>
    count(size, (i) => (i % 5 === 0 ? `d${i % 50}//` : `d${i % 50}//${i}//x.jpg`)),
};

/** Lists all keys while responses arrive in random order. */
async function scheduled(s: fc.Scheduler, store: FakeListing, place: { prefix: string; after: string | undefined }) {
  let [open, most] = [0, 0];
  const load = async (start: PageStart): Promise<ListedPage> => {
    const page = store.load(start);
    open += 1;
    most = Math.max(most, open);
    return await s.schedule(Promise.resolve(page)).finally(() => (open -= 1));
  };
  const keys = await s.waitFor(keysOf(new ListedRanges(load, PAGE, place)));
  return { keys, most };
}

describe("ranges of a listing", () => {
  const semantics = fc.constantFrom<StartSemantics>("exclusive", "exclusive", "inclusive", "ignored");
  const layout = fc.constantFrom(...Object.values(LAYOUTS));

  it("yield every key once and in order, whatever the keys, the answers' order and the store", async () => {
    const places = fc.record({ start: semantics, extra: fc.array(oddName, { maxLength: 30 }), at: fc.nat(3_000) });
    const property = fc.asyncProperty(
      fc.scheduler(),
      layout,
      fc.nat(1_500),
      places,
      async (s, layoutOf, size, more) => {
        const all = byBytes([...layoutOf(size), ...more.extra]);
        const store = new FakeListing(all, PAGE, more.start);
        // Half of the runs resume after a random key.
        const after = more.at % 2 === 0 ? undefined : all[more.at % (all.length + 1)];
        const { keys, most } = await scheduled(s, store, { prefix: "", after });
        const wanted = after === undefined ? all : all.slice(all.indexOf(after) + 1);
        expect(keys).toEqual(wanted.filter((key) => !key.endsWith("/")));
        expect(most).toBeLessThanOrEqual(LISTING_WIDTH);
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  it("yield every key once and in order for arbitrary names under a prefix that is a key too", async () => {
    const names = fc.uniqueArray(oddName, { maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), names, oddName, async (s, rest, prefix) => {
        const all = byBytes([prefix, ...rest.map((name) => prefix + name)]);
        const { keys } = await scheduled(s, new FakeListing(all, PAGE), { prefix, after: undefined });
        expect(keys).toEqual(all.filter((key) => !key.endsWith("/")));
      }),
      { numRuns: 100 },
    );
  });

  it("send at most a quarter more requests than pages, and a few", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), layout, fc.integer({ min: 1, max: 3_000 }), async (s, layoutOf, size) => {
        const all = byBytes(layoutOf(size));
        const store = new FakeListing(all, PAGE);
        await scheduled(s, store, WHOLE);
        expect(store.requests).toBeLessThanOrEqual(Math.ceil(all.length / PAGE) * 1.25 + 3 * LISTING_WIDTH);
      }),
      { numRuns: 60 },
    );
  });

  it.each(Object.entries(LAYOUTS))(
    "cost a short listing hardly more requests than pages: %s",
    async (name, layoutOf) => {
      // Two pages cost two requests. In longer listings, one guess may be wrong, or two if the listing has folders.
      const most = name.includes("folder") || name.includes("prefix") || name.includes("delimiter") ? 2 : 1;
      for (let pages = 1; pages <= 6; pages += 1) {
        const all = byBytes(layoutOf(pages * PAGE * 4)).slice(0, pages * PAGE);
        const store = new FakeListing(all, PAGE);
        await keysOf(new ListedRanges(async (start) => store.load(start), PAGE, WHOLE));
        expect(store.requests).toBeLessThanOrEqual(pages <= 2 ? pages : pages + most);
      }
    },
  );

  it.each([0, 9, 10, 19, 25, 300, 2_000])(
    "read a bounded number of pages in vain when the reader stops after %i",
    async (taken) => {
      const store = new FakeListing(byBytes(LAYOUTS["one giant folder"]?.(20_000) ?? []), PAGE);
      const ranges = new ListedRanges(async (start) => store.load(start), PAGE, WHOLE);
      await keysOf(ranges, taken);
      const isStill = async (): Promise<boolean> => {
        const before = store.requests;
        for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
        return store.requests === before;
      };
      while (!(await isStill()));
      const vain = store.requests - Math.ceil((taken + 1) / PAGE);
      expect(vain).toBeLessThanOrEqual(taken < PAGE ? 1 : 90);
    },
  );
});

describe("ranges of a listing whose requests fail", () => {
  const all = LAYOUTS["one giant folder"]?.(3_000) ?? [];

  /** Fails each request for which `fails` returns true. Requests are numbered in order. */
  function failing(fails: (request: number, start: PageStart) => boolean) {
    const store = new FakeListing(all, PAGE);
    const load = async (start: PageStart): Promise<ListedPage> => {
      const page = store.load(start);
      await Promise.resolve();
      if (fails(store.requests, start)) throw new Error(`request ${store.requests} failed`);
      return page;
    };
    return new ListedRanges(load, PAGE, WHOLE);
  }

  it("read again what failed ahead of the reader", async () => {
    let failed = 0;
    const ranges = failing((request, start) => request > 20 && "after" in start && (failed += 1) <= 5);
    expect(await keysOf(ranges)).toEqual(all);
    expect(failed).toBeGreaterThan(0);
  });

  it("reject only after all keys before the failure, and with the failure of the reader's own request", async () => {
    const ranges = failing((request) => request > 40);
    const keys: string[] = [];
    const read = async (): Promise<void> => {
      for (let page = await ranges.next(); page !== undefined; page = await ranges.next()) {
        keys.push(...page.map(({ key }) => key));
      }
    };
    await expect(read()).rejects.toThrow(/^request \d+ failed$/);
    expect(keys).toEqual(all.slice(0, keys.length));
    expect(keys.length).toBeGreaterThan(0);
  });

  it("yield a key once when a range is read again from a store that starts with the given key", async () => {
    const store = new FakeListing(LAYOUTS["numbers of any length"]?.(6_000).toSorted() ?? [], PAGE, "inclusive");
    const load = async (start: PageStart): Promise<ListedPage> => {
      const page = store.load(start);
      for (let turn = 0; turn < store.requests % 5; turn += 1) await Promise.resolve();
      if (store.requests % 7 === 0 && store.requests > 20 && "after" in start) throw new Error("busy");
      return page;
    };
    expect(await keysOf(new ListedRanges(load, PAGE, WHOLE))).toEqual(store.keys);
  });

  it("reject when the first request fails", async () => {
    await expect(keysOf(failing(() => true))).rejects.toThrow("request 1 failed");
  });

  it("send nothing more once closed", async () => {
    const store = new FakeListing(all, PAGE);
    const waiting: (() => void)[] = [];
    const load = async (start: PageStart): Promise<ListedPage> => {
      const page = store.load(start);
      if (store.requests > 40) await new Promise<void>((resolve) => waiting.push(resolve));
      return page;
    };
    const ranges = new ListedRanges(load, PAGE, WHOLE);
    const reading = keysOf(ranges);
    await until(() => waiting.length === LISTING_WIDTH, { what: "a full width of requests" });
    ranges.close();
    const { requests } = store;
    for (const answer of waiting) answer();
    for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
    expect(store.requests).toBe(requests);
    expect(await Promise.race([reading, Promise.resolve("open")])).toBe("open");
  });
});
