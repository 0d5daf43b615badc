import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { contactSheet } from "./contact-sheet.ts";
import { fittedText, textPath, textWidthPx } from "./bitmap-font.ts";

const RED = { r: 200, g: 20, b: 20 };
const BLUE = { r: 20, g: 20, b: 200 };

/** Tests that red is above blue once the EXIF orientation is applied. */
async function redAboveBlue(orientation: 1 | 6): Promise<Buffer> {
  const half = await sharp({ create: { width: 400, height: 200, channels: 3, background: BLUE } })
    .png()
    .toBuffer();
  const upright = await sharp({ create: { width: 400, height: 400, channels: 3, background: RED } })
    .composite([{ input: half, left: 0, top: 200 }])
    .png()
    .toBuffer();
  return sharp(upright)
    .rotate(orientation === 6 ? 270 : 0)
    .withMetadata({ orientation })
    .jpeg()
    .toBuffer();
}

async function pixelReader(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * info.channels).subarray(0, 3)];
  return { at, width: info.width, height: info.height };
}

const isRed = ([r = 0, , b = 0]: number[]) => r > 150 && b < 80;
const isBlue = ([r = 0, , b = 0]: number[]) => b > 150 && r < 80;

describe("contactSheet", () => {
  it("puts before and after side by side, each upright by its EXIF orientation", async () => {
    const pair = { before: await redAboveBlue(6), after: await redAboveBlue(1), label: "a.jpg" };
    const sheet = await pixelReader(await contactSheet([pair], { title: "Team", cellPx: 200 }));
    const reds: number[] = [];
    for (let y = 0; y < sheet.height; y++) if (isRed(sheet.at(140, y))) reds.push(y);
    const middle = (reds.at(-1) ?? 0) + 1;
    expect(reds.length).toBeGreaterThan(90);
    for (const x of [60, 140, 220, 260, 420]) {
      expect(isRed(sheet.at(x, middle - 20)), `above at ${x}`).toBe(true);
      expect(isBlue(sheet.at(x, middle + 20)), `below at ${x}`).toBe(true);
    }
  });

  it("breaks pairs into rows with the requested number of columns", async () => {
    const picture = await redAboveBlue(1);
    const pairs = ["a", "b", "c", "d", "e"].map((label) => ({ before: picture, after: picture, label }));
    const sizeOf = async (columns: number) => {
      const { width, height } = await sharp(await contactSheet(pairs, { title: "T", cellPx: 64, columns })).metadata();
      return { width, height };
    };
    const [one, two, many] = [await sizeOf(1), await sizeOf(2), await sizeOf(9)];
    expect(two.width).toBeGreaterThan(one.width);
    expect(many.width).toBeGreaterThan(two.width);
    expect(two.height).toBeLessThan(one.height);
    expect(many.height).toBeLessThan(two.height);
  });

  it("draws the given title and labels", async () => {
    const picture = await redAboveBlue(1);
    const sheetOf = (title: string, label: string) =>
      contactSheet([{ before: picture, after: picture, label }], { title, cellPx: 200 });
    const [plain, titled, labelled] = [await sheetOf("", ""), await sheetOf("Team", ""), await sheetOf("", "a <&> b")];
    const darkness = async (png: Uint8Array) => (await sharp(png).greyscale().stats()).channels[0]?.mean ?? 0;
    expect(await darkness(titled)).toBeLessThan(await darkness(plain));
    expect(await darkness(labelled)).toBeLessThan(await darkness(plain));
  });

  it("draws a frame around the after picture if it has a note, and the note below, without moving what is above", async () => {
    const pair = { before: await redAboveBlue(1), after: await redAboveBlue(1), label: "a.jpg" };
    const sheetOf = async (notes: readonly (string | undefined)[]) => {
      const pairs = notes.map((note) => ({ ...pair, ...(note === undefined ? {} : { note }) }));
      return await pixelReader(await contactSheet(pairs, { title: "T", cellPx: 200, columns: 2 }));
    };
    const [plain, noted] = [await sheetOf([undefined, undefined]), await sheetOf([undefined, "0.9 EV darker"])];
    const isNote = ([r = 0, g = 0, b = 0]: number[]) =>
      Math.abs(r - 0xb3) + Math.abs(g - 0x26) + Math.abs(b - 0x1e) < 12;
    const found: (readonly [number, number])[] = [];
    for (let y = 0; y < noted.height; y += 1) {
      for (let x = 0; x < noted.width; x += 1) if (isNote(noted.at(x, y))) found.push([x, y]);
    }
    // The second pair begins after the margin, a pair and the gap. Its second picture has a frame of 4 px on each side.
    const left = 40 + 406 + 36;
    expect(Math.min(...found.map(([x]) => x))).toBe(left);
    expect(Math.max(...found.map(([x]) => x))).toBe(left + 206 + 200 + 3);
    expect(noted.height).toBe(plain.height + 22);
    for (let y = 0; y < plain.height; y += 1)
      for (let x = 0; x < plain.width; x += 1) {
        if (isNote(plain.at(x, y))) throw new Error(`a note at ${x}, ${y} that nobody wrote`);
      }
  });

  it("names the pair whose picture cannot be decoded", async () => {
    const pair = { before: await redAboveBlue(1), after: Buffer.from("no picture"), label: "sales/x.jpg" };
    await expect(contactSheet([pair], { title: "T" })).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("sales/x.jpg (after)") as string,
    });
  });

  it("rejects an empty list, half a column and a sheet too large to open", async () => {
    const pair = { before: await redAboveBlue(1), after: await redAboveBlue(1), label: "a" };
    await expect(contactSheet([], { title: "T" })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(contactSheet([pair], { title: "T", columns: 0.5 })).rejects.toThrow("columns is 0.5");
    await expect(contactSheet([pair], { title: "T", cellPx: 20_000 })).rejects.toThrow("smaller cellPx");
  });
});

describe("the bitmap font", () => {
  it("has a distinct glyph for every printable ASCII character", () => {
    const shapes = new Set<string>();
    for (let code = 32; code < 127; code++) {
      shapes.add(textPath(String.fromCodePoint(code), 0, 0, { dotPx: 1, color: "#000" }));
    }
    expect(shapes.size).toBe(95);
  });

  it("keeps the two ends of a text that is too wide", () => {
    const fitted = fittedText("engineering/zürich/portrait-03.jpg", 240, 2);
    expect(fitted).toMatch(/^eng.*\.\.\..*portrait-03\.jpg$|^engi?.*\.\.\..*-03\.jpg$/);
    expect(textWidthPx(fitted, 2)).toBeLessThanOrEqual(240);
    expect(fittedText("Zoë", 240, 2)).toBe("Zoe");
  });
});
