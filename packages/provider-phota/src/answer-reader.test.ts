import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerReader } from "./answer-reader.ts";

function read(text: string, cuts: readonly number[] = [], maxBytes?: number): AnswerReader {
  const reader = new AnswerReader(undefined, maxBytes);
  const bytes = Buffer.from(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    void reader.feed(bytes.subarray(from, end));
    from = end;
  }
  return reader;
}

const fields = fc.record({
  images: fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 4 }),
  download_urls: fc.array(fc.webUrl(), { maxLength: 4 }),
  known_subjects: fc.option(fc.record({ counts: fc.dictionary(fc.string(), fc.nat()) })),
  'ünknown "field"': fc.jsonValue(),
});

describe("an answer", () => {
  it("with a byte order mark is read, even when split within the mark", () => {
    for (const cuts of [[], [1], [2], [3]]) {
      const reader = read('\uFEFF{"images":["aGk="],"download_urls":["https://cdn.test/a"]}', cuts);
      expect(reader.answer).toEqual({ images: [""], download_urls: ["https://cdn.test/a"] });
      expect(reader.fault).toBeUndefined();
    }
  });

  it("is read with any chunking, field order and indentation", () => {
    fc.assert(
      fc.property(
        fields,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.constantFrom(undefined, "\t", 2),
        fc.boolean(),
        (given, cuts, indent, reversed) => {
          const images = given.images.map((bytes) => Buffer.from(bytes).toString("base64"));
          const entries = Object.entries({ ...given, images });
          const text = JSON.stringify(Object.fromEntries(reversed ? entries.toReversed() : entries), undefined, indent);
          const reader = read(text, cuts);
          expect(reader.pictures.map((picture) => Buffer.from(picture).toString("hex"))).toEqual(
            given.images.map((bytes) => Buffer.from(bytes).toString("hex")),
          );
          expect(reader.answer).toEqual({ ...(JSON.parse(text) as object), images: images.map(() => "") });
          expect(reader.finished).toBe(true);
        },
      ),
    );
  });

  it("has only the strings of images as pictures", () => {
    const reader = read('{"other": {"images": ["AAAA"]}, "images": null, "download_urls": ["https://x.test/images"]}');
    expect(reader.pictures).toEqual([]);
    expect(reader.answer).toEqual({
      other: { images: ["AAAA"] },
      images: null,
      download_urls: ["https://x.test/images"],
    });
  });

  it.each(['{"images": [{"text": "AAAA"}]}', '{"images": "AAAA"}', '{"x": {"images": ["AAAA"]}}'])(
    "has no picture when images contains something else: %s",
    (text) => {
      const reader = read(text);
      expect(reader.pictures).toEqual([]);
      expect(reader.answer).toEqual(JSON.parse(text));
    },
  );

  it.each(["<h1>Bad gateway</h1>", '{"images": [}', "[1, 2", '{"images": ["AAA'])(
    "that is incomplete JSON has nothing: %s",
    (text) => {
      expect(read(text).answer).toBeUndefined();
    },
  );

  it("is abandoned when its pictures grow too large, and keeps none of them", () => {
    const image = Buffer.alloc(3_000).toString("base64");
    const reader = read(JSON.stringify({ images: [image, image] }), [100, 2_000, 5_000], 5_000);
    expect(reader).toMatchObject({ finished: true, fault: "too_large", answer: undefined, pictures: [] });
  });

  it("is abandoned when its other text grows too large", () => {
    expect(read(JSON.stringify({ detail: "x".repeat(2_000_000) }))).toMatchObject({ fault: "too_large" });
  });
});
