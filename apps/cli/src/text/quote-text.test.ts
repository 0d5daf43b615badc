import { expect, test } from "vitest";
import { quoteText } from "./quote-text.ts";
import { PLAIN_QUOTE } from "../test-kit/test-quote.ts";

test("a quote without problems is short", () => {
  expect(quoteText(PLAIN_QUOTE)).toBe(
    [
      "portraits  200",
      "looked at  the beginning of 50 photos; of these:",
      "cost       10.00 USD by the price table, if each is paid for once",
      "time       1m 40s to 1h 40m, with 10 at once",
      "lane       each-sense",
      "results    s3://studio/out/",
    ].join("\n"),
  );
});

test("each problem has a line, and bad rows a table", () => {
  const photo = { index: 4, id: "5", source: "gone.jpg" };
  const text = quoteText({
    ...PLAIN_QUOTE,
    rows: 230,
    badRows: 30,
    firstBadRows: [{ index: 6, line: 8, field: "mode", message: "mode is not known" }],
    destinationCollisions: 2,
    duplicates: 7,
    duplicatesBy: "source",
    duplicateExamples: Array.from({ length: 6 }, (_, n) => ({
      index: n,
      id: `${n}`,
      source: `${n}.jpg`,
      of: n === 0 ? null : "a.jpg",
      ofId: n === 0 ? null : "a",
    })),
    carriedColumns: ["team", "modus"],
    leftOut: [
      { kind: "raw", count: 4, examples: ["1.CR2", "2.CR2", "3.CR2", "4.CR2"] },
      { kind: "system", count: 1, examples: ["@eaDir/"] },
    ],
    sample: {
      ...PLAIN_QUOTE.sample,
      missing: 3,
      missingExamples: [{ ...photo, similar: "Gone.jpg", place: "file:///team/Anna%20M/gone.jpg" }],
      unreadable: 1,
      unreadableExamples: [{ ...photo, message: "it is archived" }],
      refused: 4,
      refusedExamples: Array.from({ length: 4 }, () => ({ ...photo, message: "the file is empty" })),
      seemCut: 2,
      seemCutExamples: [{ ...photo, source: "cut.jpg" }],
      sameContent: 4,
      sameContentExamples: [
        { ...photo, source: "b.jpg", of: "a.jpg", ofId: "a" },
        { ...photo, id: "two", source: "c.jpg", of: "c.jpg", ofId: "one" },
      ],
      alreadyDelivered: 5,
      simulated: 2,
      kept: 0,
      otherRecipe: { results: 3, usd: 0.6, recipes: ["skin-smoothing · max · each-sense"] },
      taken: 2,
      takenExamples: [{ ...photo, destination: "chef.jpg", what: "another photo's result" }],
      ontoItself: 6,
    },
    cost: {
      usd: 0.0125,
      message: null,
      parts: [
        { mode: "eco", portraits: 199, turns: 199, usd: 0 },
        { mode: "max", portraits: 1, turns: 1, usd: 0.0125 },
      ],
    },
    time: { ...PLAIN_QUOTE.time, ratePerMinute: 60 },
    warnings: ["3 photos are https:// links."],
    refusal: "The manifest has 30 bad rows.",
  });
  for (const line of [
    /^portraits {2}200 of 230 rows, 30 bad$/m,
    /^collisions 2 with the destination/m,
    /^duplicates 7 with the photo of an earlier row: 0\.jpg, 1\.jpg \(= a\.jpg\), .* and \d more; each is paid for; remove them to pay once$/m,
    /^carried {4}to the report, as columns of your own: team, modus$/m,
    /^left out {3}4 camera raw files \(1\.CR2, 2\.CR2, 3\.CR2, 4\.CR2\); 1 hidden or system file or folder \(@eaDir\/\)$/m,
    /^missing {4}3: gone\.jpg \(there is Gone\.jpg, which differs only in case, accents or extension\) and \d more; gone\.jpg was looked for at \/team\/Anna M\/gone\.jpg; --base <place> sets where a list's relative paths begin$/m,
    /^unreadable 1: gone\.jpg \(it is archived\)$/m,
    /^unusable {3}4, .* paid: gone\.jpg \(the file is empty\)(?:, gone\.jpg \(the file is empty\)){3}$/m,
    /^cut off {4}2: cut\.jpg and 1 more: the end seems to be missing; copy them again$/m,
    /^same {7}4 with the content of another one: b\.jpg \(= a\.jpg\), c\.jpg \(ids one and two\) and 2 more$/m,
    /^delivered {2}5 already at the destination/m,
    /^simulated {2}2 at the destination are the simulator's pictures, and are made again$/m,
    /^remade {5}3 have results of another recipe at the destination \(skin-smoothing · max · each-sense\), which cost about 0\.60 USD$/m,
    /^taken {6}2: chef\.jpg \(another photo's result\) and 1 more; will be refused: .* --overwrite$/m,
    /^refused {4}6 whose result/m,
    /^cost {7}0\.0125 USD .*\(199 eco, 1 max\)/m,
    /with 10 at once, 60 a minute$/m,
    /^of that {4}less is paid: 21 of the 50 photos checked are refused, missing, delivered or kept$/m,
    /^note {7}3 photos/m,
    /^LINE +COLUMN +WHAT IS WRONG\n8 +mode +mode is not known\nand 29 more bad rows$/m,
    /\n\nThis submission would be refused\. The manifest has 30 bad rows\.$/,
  ]) {
    expect(text).toMatch(line);
  }
});

test.each(["", "s3://studio/in/"])(
  "under %j shows a name once that differs from a missing one only in the encoding of accents",
  (base) => {
    const missingExamples = [
      { index: 4, id: "5", source: `${base}Am\u00e9lie.jpg`, similar: "Ame\u0301lie.jpg", place: null },
    ];
    const text = quoteText({ ...PLAIN_QUOTE, sample: { ...PLAIN_QUOTE.sample, missing: 1, missingExamples } });
    expect(text).toMatch(
      /^missing {4}1: .*Am\u00e9lie\.jpg \(the name is there with its accents encoded differently; rename the file, or copy its name into the list\)/m,
    );
    expect(text.normalize("NFC").match(/Am\u00e9lie/g)).toHaveLength(1);
  },
);

test("reports photos of a folder with the same content once", () => {
  const duplicateExamples = [{ index: 1, id: "b", source: "b.jpg", of: "a.jpg", ofId: "a" }];
  const text = quoteText({
    ...PLAIN_QUOTE,
    duplicates: 1,
    duplicateExamples,
    sample: { ...PLAIN_QUOTE.sample, sameContent: 1 },
  });
  expect(text.match(/content/g)).toHaveLength(1);
  expect(text).toContain("duplicates 1 with the content of an earlier photo: b.jpg (= a.jpg); each is paid for");
});

test("shows the unpaid part of the cost if all photos were checked", () => {
  const sample = { ...PLAIN_QUOTE.sample, looked: 200, missing: 20, refused: 10, alreadyDelivered: 50, ontoItself: 20 };
  expect(quoteText({ ...PLAIN_QUOTE, sample })).toMatch(
    /^of that {4}about 5\.00 USD without the 100 that are refused, missing, delivered or kept$/m,
  );
});

test("shows results that the order keeps as kept, without their cost", () => {
  const otherRecipe = { results: 14, usd: 0.7, recipes: [] };
  const sample = { ...PLAIN_QUOTE.sample, looked: 200, otherRecipe, kept: 14 };
  const text = quoteText({ ...PLAIN_QUOTE, sample });
  expect(text).toMatch(
    /^kept {7}14 have results of another recipe at the destination, which cost about 0\.70 USD, not paid again$/m,
  );
  expect(text).not.toContain("remade");
  expect(text).toMatch(/^of that {4}about 9\.30 USD without the 14 that/m);
});

test("reports an empty source as empty", () => {
  const sample = { ...PLAIN_QUOTE.sample, looked: 0 };
  expect(quoteText({ ...PLAIN_QUOTE, rows: 0, goodRows: 0, sample })).toMatch(/^portraits {2}none: .*\nlane/);
});

test("reports what is unknown, and that the simulator costs nothing", () => {
  const cost = { usd: null, message: "There is no price.", parts: [] };
  const time = { ...PLAIN_QUOTE.time, minSeconds: null, maxSeconds: null, message: "Nothing is known." };
  expect(quoteText({ ...PLAIN_QUOTE, cost, time })).toMatch(/^cost +There is no price\.\ntime +Nothing is known\.$/m);
  expect(quoteText({ ...PLAIN_QUOTE, lane: "twin", cost })).toMatch(/^cost +nothing: the simulator \(twin\) .* paid$/m);
  expect(quoteText({ ...PLAIN_QUOTE, lane: "twin" })).toMatch(
    /^cost +nothing: .* paid; with the real provider it would be 10\.00 USD by the price table$/m,
  );
});
