import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { parseFaceScores, RESULT_METADATA, type Submission } from "@darkroom/core";
import type { FaultRuleInput } from "@darkroom/twin";
import { startEngine, type Engine, type ReportLine } from "../kit/engine.ts";

const TEAM = fileURLToPath(new URL("../../../examples/team/", import.meta.url));

let engine: Engine;
afterEach(async () => await engine.close());

/**
 * Photos of the example team by the names that they get, in the order of their calls. All are sent unconverted, so the
 * simulator knows them by these names.
 */
const PHOTOS = {
  "a-eileen.jpg": "sales/portrait-01.jpg",
  "b-another.jpg": "engineering/portrait-01.jpg",
  "c-narrowed.jpg": "engineering/portrait-02.jpg",
  "d-lightened.jpg": "sales/portrait-04.jpg",
  "e-second.jpg": "design/portrait-01.jpg",
  "f-lost.jpg": "sales/portrait-02.jpg",
  "g-grace.jpg": "engineering/portrait-04.jpg",
  "h-profile.jpg": "engineering/portrait-03.jpg",
} as const;

const FAULTS = (
  [
    ["b-another", "another_person"],
    ["c-narrowed", "narrowed"],
    ["d-lightened", "lightened"],
    ["e-second", "second_face"],
    ["f-lost", "lost_face"],
  ] as const
).map(([portrait, face]): FaultRuleInput => ({ match: { portrait }, fault: { kind: "wrong_face", face } }));

async function start(faults: readonly FaultRuleInput[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  engine = await startEngine({
    twin: { work: "full", faults },
    env: { DARKROOM_FACES: "on", DARKROOM_LANE_CONCURRENCY: "1", ...env },
  });
}

async function put(photos: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, path] of Object.entries(photos)) {
    await engine.source.put(name, await readFile(`${TEAM}${path}`), { contentType: "image/jpeg" });
  }
}

async function enhance(overrides: Partial<Submission> = {}) {
  const batch = await engine.submit(overrides);
  const record = await engine.ended(batch, 120_000);
  return { batch, record, lines: new Map((await engine.report(batch)).map((line) => [line.id, line])) };
}

const found = (line: ReportLine | undefined) => line?.["findings"];

it("finds, names and counts each wrong face, and no other", { timeout: 180_000 }, async () => {
  await start(FAULTS);
  await put(PHOTOS);
  const { batch, record, lines } = await enhance();
  expect(record.counts).toMatchObject({ total: 8, succeeded: 8 });
  expect(Object.fromEntries([...lines].map(([id, line]) => [id, found(line)]))).toEqual({
    "a-eileen.jpg": [],
    "b-another.jpg": ["another_person"],
    "c-narrowed.jpg": ["structure"],
    "d-lightened.jpg": ["skin_tone"],
    "e-second.jpg": ["face_gained"],
    "f-lost.jpg": ["face_lost"],
    "g-grace.jpg": [],
    "h-profile.jpg": [],
  });
  const reviews = new Map([...lines].map(([id, line]) => [id, String(line["review"])]));
  expect(reviews.get("b-another.jpg")).toMatch(/looks like another person: \d+ of 100/);
  expect(reviews.get("c-narrowed.jpg")).toMatch(/face \d+ % narrower than in the source/);
  expect(reviews.get("d-lightened.jpg")).toMatch(/skin lighter by \d+ L\*/);
  expect(reviews.get("e-second.jpg")).toMatch(/2 faces, and 1 in the source/);
  expect(reviews.get("f-lost.jpg")).toMatch(/no clear face is left/);
  for (const id of ["a-eileen.jpg", "g-grace.jpg", "h-profile.jpg"]) {
    expect(Number(lines.get(id)?.["likeness"]), id).toBeGreaterThan(85);
  }
  expect(Number(lines.get("b-another.jpg")?.["likeness"])).toBeLessThan(45);
  const scores = parseFaceScores((await engine.results.head("c-narrowed.jpg"))?.metadata[RESULT_METADATA.face]);
  expect(scores?.findings).toEqual(["structure"]);
  expect(record.likeness).toMatchObject({
    compared: 8,
    least: lines.get("b-another.jpg")?.["likeness"],
    review: 5,
    findings: { another_person: 1, structure: 1, skin_tone: 1, face_gained: 1, face_lost: 1 },
    tone: null,
  });
  const portraits = await fetch(`${engine.api.url}/v1/batches/${batch}/portraits`);
  const listed = (await portraits.json()) as { portraits: { id: string; likeness: { findings: string[] } | null }[] };
  const shown = listed.portraits.map(({ id, likeness }) => [id, likeness?.findings ?? null]);
  expect(shown).toEqual([...lines].map(([id, line]) => [id, String(found(line)) === "" ? null : found(line)]));
  // A second batch finds the results, and still reports the findings.
  const again = await enhance();
  expect(again.record.counts.skipped).toBe(8);
  expect(found(again.lines.get("b-another.jpg"))).toEqual(["another_person"]);
});

it("compares no faces if the batch or the worker does not", { timeout: 120_000 }, async () => {
  const { "a-eileen.jpg": eileen, "c-narrowed.jpg": narrowed } = PHOTOS;
  await start(FAULTS);
  await put({ "a-eileen.jpg": eileen, "c-narrowed.jpg": narrowed });
  const recipe = { preset: "professional-polish", mode: "eco", likeness: "off" } as const;
  const { lines } = await enhance({ recipe });
  expect([...lines.values()].map((line) => [line["likeness"], found(line)])).toEqual([
    [null, []],
    [null, []],
  ]);
});

const EACH_SENSE = { preset: "professional-polish", mode: "eco", likeness: "strict" } as const;
const PHOTA = { provider: "phota", preset: "professional-polish", likeness: "strict" } as const;
/** USD of a picture, at both providers. */
const PRICE = 0.05;

it.each([
  ["each::sense, which remembers", EACH_SENSE],
  ["Phota, which does not", PHOTA],
] as const)(
  "a strict batch's wrong faces end as not_alike; a retry orders another picture from %s",
  async (_, recipe) => {
    engine = await startEngine({
      phota: true,
      twin: { work: "full", faults: FAULTS.map((fault) => ({ ...fault, match: { ...fault.match, call: 1 } })) },
      env: {
        DARKROOM_FACES: "on",
        DARKROOM_LANE_CONCURRENCY: "1",
        DARKROOM_PRICES: JSON.stringify({ "each-sense": { eco: PRICE, max: 0.2 }, phota: { image: PRICE } }),
      },
    });
    const { "a-eileen.jpg": eileen, "b-another.jpg": another, "c-narrowed.jpg": narrowed } = PHOTOS;
    await put({ "a-eileen.jpg": eileen, "b-another.jpg": another, "c-narrowed.jpg": narrowed });
    const { batch, record, lines } = await enhance({ recipe });
    expect(record.failures).toEqual({ not_alike: 2 });
    expect(lines.get("b-another.jpg")).toMatchObject({
      outcome: "not_alike",
      billed: "yes",
      retryable: true,
      findings: ["another_person"],
      message: expect.stringContaining("looks like another person") as unknown,
    });
    for (const name of ["b-another.jpg", "c-narrowed.jpg"]) expect(await engine.results.head(name)).toBeUndefined();
    expect(engine.twin.ledger().billed).toBe(3);
    expect([record.costUsd, record.lostUsd]).toEqual([PRICE, 2 * PRICE]);

    const retried = await retry(batch, "not_alike");
    const again = new Map((await engine.report(batch)).map((line) => [line.id, line]));
    expect([...again.values()].map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
    for (const name of ["b-another.jpg", "c-narrowed.jpg"]) expect(found(again.get(name))).toEqual([]);
    const { billed, bills } = engine.twin.ledger();
    // Each was ordered and paid once more, at its price, in a new session from the photo itself.
    expect(billed).toBe(5);
    expect(retried.costUsd + retried.lostUsd).toBeCloseTo(5 * PRICE, 6);
    const byPortrait = [...Map.groupBy(bills, ({ portrait }) => portrait).values()];
    const twice = byPortrait.filter((of) => of.length === 2);
    expect(twice.length).toBe(2);
    for (const of of twice) {
      expect(new Set(of.map(({ session }) => session)).size).toBe(2);
      expect(of.map(({ turn }) => turn)).toEqual([1, 1]);
    }
  },
  180_000,
);

it.each([
  ["in one file", "same_for_all", [[], "none", "none"], { shared_picture: 2 }],
  ["in different files", "same_reencoded", [[], ["another_person"], ["head_size", "head_place"]], {}],
] as const)(
  "finds one picture for several people %s",
  async (_, face, findings, failures) => {
    await start([{ fault: { kind: "wrong_face", face } }]);
    const { "a-eileen.jpg": eileen, "b-another.jpg": grace, "c-narrowed.jpg": again } = PHOTOS;
    await put({ "a-eileen.jpg": eileen, "b-grace.jpg": grace, "c-eileen.jpg": again });
    const { record, lines } = await enhance();
    expect(record.failures).toEqual(failures);
    expect([...lines.values()].map((line) => (line.outcome === "ok" ? found(line) : "none"))).toEqual(findings);
    // The portrait whose picture the others got must be reviewed, too.
    const review = String(lines.get("a-eileen.jpg")?.["review"]);
    expect(review.includes("portrait 1")).toBe(face === "same_for_all");
  },
  180_000,
);

async function retry(batch: string, code: "not_alike") {
  const answer = await fetch(`${engine.api.url}/v1/batches/${batch}/retry`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ codes: [code] }),
  });
  expect(answer.status).toBe(200);
  return await engine.ended(batch, 120_000);
}
