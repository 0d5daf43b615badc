import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { manifestText } from "./manifest-text.ts";

async function textOf(bytes: Uint8Array, pieceBytes = bytes.length): Promise<string> {
  let text = "";
  for await (const piece of manifestText(pieces(bytes, pieceBytes))) text += piece;
  return text;
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const TEXT = "source,name\nfotos/Zoë.jpg,Łukasz 👩‍🦰\n";

describe("manifestText", () => {
  it("reads UTF-8, with and without a byte order mark, wherever the bytes are split", async () => {
    for (const size of [1, 2, 3, 7, 1_000]) {
      expect(await textOf(Buffer.from(TEXT), size)).toBe(TEXT);
      expect(await textOf(Buffer.from(`\uFEFF${TEXT}`), size)).toBe(TEXT);
    }
  });

  it("reads UTF-16 with a byte order mark, in both byte orders", async () => {
    const littleEndian = Buffer.from(`\uFEFF${TEXT}`, "utf16le");
    for (const size of [1, 3, 1_000]) {
      expect(await textOf(littleEndian, size)).toBe(TEXT);
      expect(await textOf(Buffer.from(littleEndian).swap16(), size)).toBe(TEXT);
    }
  });

  it("unpacks gzip", async () => {
    const long = TEXT.repeat(20_000);
    expect(await textOf(gzipSync(`\uFEFF${long}`), 4_000)).toBe(long);
  });

  it("marks bytes that are not UTF-8", async () => {
    expect(await textOf(Buffer.from("source\nZo\xeb.jpg\n", "latin1"))).toBe("source\nZo\uFFFD.jpg\n");
  });

  it.each([
    ["an empty file", Buffer.from(""), "is empty"],
    ["an empty gzip file", gzipSync(""), "is empty"],
    ["a workbook", Buffer.from("PK\x03\x04\x14\x00\x06\x00"), "Excel workbook"],
    ["an old workbook", Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), "Excel workbook"],
    ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d]), "not a text file"],
    ["a gzip file that was cut", gzipSync(TEXT.repeat(5_000)).subarray(0, 200), "damaged"],
    ["a damaged gzip file", Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), "damaged"],
  ])("rejects %s with a message", async (_, bytes, words) => {
    await expect(textOf(bytes)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(words),
    });
  });

  it("closes its source when the reader stops early", async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from(TEXT.repeat(200));
      } finally {
        closed = true;
      }
    }
    for await (const piece of manifestText(source())) if (piece !== "") break;
    expect(closed).toBe(true);
  });

  it("rethrows the store's errors, through gzip too", async () => {
    const failure = new Error("connection reset");
    async function* failing(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
      yield bytes;
      throw failure;
    }
    const drain = async (bytes: Uint8Array): Promise<void> => {
      for await (const piece of manifestText(failing(bytes))) expect(piece).not.toBe("");
    };
    await expect(drain(Buffer.alloc(5_000, "a"))).rejects.toBe(failure);
    const gzipped = gzipSync(Buffer.from(Array.from({ length: 40_000 }, (_, i) => 33 + ((i * i * 7919) % 90))));
    await expect(drain(gzipped.subarray(0, 5_000))).rejects.toBe(failure);
  });
});
