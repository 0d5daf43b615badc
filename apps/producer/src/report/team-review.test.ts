import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { BUCKET_PORTRAITS, OutcomeBuckets } from "@darkroom/archive";
import { batchKeys, consistencyFileSchema, MOST_LISTED, newBatchId, type OutcomeLine } from "@darkroom/core";
import { openStores } from "@darkroom/storage";
import { tempFolder } from "@darkroom/testkit";
import { TeamReview } from "./team-review.ts";

const USUAL = { exposureEv: -0.8, warmthEv: 0.9, tintEv: 0.1, contrast: 0.2, sharpness: -2, background: 0.5 };
const DARK = { ...USUAL, exposureEv: -3 };
/** Slightly more than one bucket, so that the average covers several buckets. */
const PORTRAITS = BUCKET_PORTRAITS + 2_000;

function line(index: number, change: Partial<OutcomeLine> = {}): OutcomeLine {
  const ended = { code: "ok", billed: "yes", message: "", attempts: 1, providerMs: 1, costUsd: 0 } as const;
  return { index, at: 1, ...ended, destination: `out/${index}.jpg`, stats: USUAL, ...change };
}

/** Reviews a batch whose report parts contain these lines. */
async function review(
  lines: readonly OutcomeLine[],
  indexes: readonly number[],
  sourceOf = (index: number) => `${index}.jpg`,
) {
  await using folder = await tempFolder();
  const url = `${pathToFileURL(folder.path).href}/`;
  const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "" } });
  const store = stores.open(url);
  const batchId = newBatchId();
  const latest = new Map(lines.map((one) => [one.index, one]));
  for (let part = 0; part * 10_000 < lines.length; part += 1) {
    const some = lines.slice(part * 10_000, (part + 1) * 10_000).map((one) => `${JSON.stringify(one)}\n`);
    await store.put(batchKeys(batchId).reportPart(part, `${part}-0`), gzipSync(some.join("")));
  }
  try {
    return await OutcomeBuckets.use(store, batchId, [], async (buckets) => {
      const team = await TeamReview.over(buckets);
      const reasons = indexes.map((index) =>
        team.look(
          { index, id: `p${index}`, source: sourceOf(index), destination: `out/${index}.jpg` },
          latest.get(index),
        ),
      );
      return { reasons, result: team.result, file: consistencyFileSchema.parse(team.file) };
    });
  } finally {
    await stores.close();
  }
}

test("compares a batch of several buckets as one team, and limits the list of outliers", async () => {
  const odd = MOST_LISTED + 100;
  // All dark portraits are in the last bucket, where they form the majority.
  const lines = Array.from({ length: PORTRAITS }, (_, index) =>
    line(index, index >= PORTRAITS - odd ? { stats: DARK } : {}),
  );
  const { reasons, result, file } = await review(
    lines,
    lines.map(({ index }) => index),
  );
  expect(result).toEqual({ score: file.score, measured: PORTRAITS, review: odd });
  expect(reasons.filter((found) => found.length > 0)).toHaveLength(odd);
  expect(reasons.at(-1)).toEqual(["2.2 EV darker than the team"]);
  expect(file.portraits).toHaveLength(MOST_LISTED);
  expect(file.portraits[0]).toEqual({
    index: PORTRAITS - odd,
    id: `p${PORTRAITS - odd}`,
    destination: `out/${PORTRAITS - odd}.jpg`,
    reasons: ["2.2 EV darker than the team"],
    stats: DARK,
  });
});

test("compares only delivered portraits, each by its latest round", async () => {
  const lines = [
    line(0),
    line(1),
    line(2, { code: "already_delivered" }),
    line(3, { code: "no_output", stats: DARK }),
    line(4, { code: "timeout", stats: DARK }),
    line(4, { round: 1 }),
    line(5, { stats: DARK }),
  ];
  const { reasons, result } = await review(lines, [0, 1, 2, 3, 4, 5, 6]);
  expect(result).toMatchObject({ measured: 5, review: 1 });
  expect(reasons.map((found) => found.length)).toEqual([0, 0, 0, 0, 0, 1, 0]);
});

test("a batch without measured portraits has no score", async () => {
  const { stats: _, ...unmeasured } = line(0);
  const { result, file } = await review([unmeasured], [0]);
  expect(result).toBeNull();
  expect(file).toEqual({ score: null, measured: 0, review: 0, measures: [], portraits: [] });
});

test("marks for review every portrait whose picture another photo got, too, in any bucket", async () => {
  const given = (photo: string, digest = "aa") => ({ picture: { digest, photo } });
  const last = PORTRAITS - 1;
  const lines = [
    line(0, given("a1")),
    line(1, given("b2", "bb")),
    line(2, given("c3", "cc")),
    line(3, given("e5", "ee")),
    line(4),
    line(last, { code: "shared_picture", ...given("d4") }),
  ];
  const { reasons, result } = await review(lines, [0, 1, 2, 3, 4, last]);
  expect(reasons.map((found) => found.length)).toEqual([1, 0, 0, 0, 0, 1]);
  expect([reasons[0]?.[0], reasons.at(-1)?.[0]]).toEqual([
    expect.stringContaining(`portrait ${last})`),
    expect.stringContaining("portrait 0)"),
  ]);
  expect(result).toMatchObject({ review: 2 });
});

test("marks for review a photo that exists under two names, but not a source that two rows name", async () => {
  const given = (photo: string, digest: string) => ({ picture: { digest, photo } });
  const [photo, pixels] = ["a".repeat(12), "b".repeat(12)];
  const lines = [
    line(0, given(photo, "01")),
    line(1, given("c".repeat(12), "02")),
    line(2, given(photo, "03")),
    line(3, given("d".repeat(12) + pixels, "04")),
    line(4, given("e".repeat(12) + pixels, "05")),
    line(5, given("f".repeat(12), "06")),
    line(6, given("f".repeat(12), "07")),
  ];
  const named = (index: number) => (index === 6 ? "5.jpg" : `${index}.jpg`);
  const { reasons, result } = await review(lines, [0, 1, 2, 3, 4, 5, 6], named);
  expect(reasons).toEqual([
    [],
    [],
    ['its photo is also "0.jpg" (portrait 0): one of the two names may be wrong'],
    [],
    ['its photo is also "3.jpg" (portrait 3): one of the two names may be wrong'],
    [],
    [],
  ]);
  expect(result).toMatchObject({ review: 2 });
});
