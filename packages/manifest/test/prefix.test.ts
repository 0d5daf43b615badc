import { describe, expect, it } from "vitest";
import { isRejected, newBatchId, RESULT_METADATA, type BatchSource, type SnapshotRow } from "@darkroom/core";
import { fixture, rowsOf, type Wishes } from "./fixture.ts";

function prefix(url: string, globs: { include?: string[]; exclude?: string[] } = {}): BatchSource {
  return { kind: "prefix", url, ...globs };
}

describe("a prefix", () => {
  it("lists its photos in key order, with the listing's facts", async () => {
    await using folder = await fixture();
    for (const name of [
      "b/Zoë.JPG",
      "a.png",
      "b/c.heic",
      "note.txt",
      "list.csv",
      "noext",
      "d.webp",
      "e.tiff",
      "f.svg",
    ]) {
      await folder.write(`photos/${name}`, `bytes of ${name}`);
    }
    const rows = await rowsOf(folder.open, prefix(`${folder.url}photos/`));
    expect(rows).toMatchObject([
      { index: 0, id: "a.png", source: "a.png", destination: "a.png", sizeBytes: 14, etag: expect.stringMatching(/./) },
      { index: 1, id: "b/Zoë.JPG", destination: "b/Zoë.JPG" },
      { index: 2, id: "b/c.heic", destination: "b/c.jpg" },
      { index: 3, id: "d.webp", destination: "d.webp" },
      { index: 4, id: "e.tiff", destination: "e.jpg" },
    ]);
    expect(rows).toHaveLength(5);
  });

  it("leaves out hidden files, Darkroom's own, and results within it", async () => {
    await using folder = await fixture();
    for (const name of [
      "a.jpg",
      ".hidden.jpg",
      ".thumbs/a.jpg",
      "_darkroom/x/a.jpg",
      "out/_darkroom/b.jpg",
      "out/a.jpg",
    ]) {
      await folder.write(`photos/${name}`, "x");
    }
    const rows = await rowsOf(folder.open, prefix(`${folder.url}photos/`), { leaveOut: ["out/"] });
    expect(rows.map(({ id }) => id)).toEqual(["a.jpg"]);
  });

  it("leaves out results that were moved among photos, and no photo because of the command's data folder", async () => {
    await using folder = await fixture();
    for (const name of ["a.jpg", "sales/b.jpg", "sales/.darkroom/run/redis.json", "moved/c.jpg", "moved/old.jpg"]) {
      await folder.write(`photos/${name}`, "x");
    }
    const metadata = { [RESULT_METADATA.batch]: newBatchId() };
    const put = (key: string) => folder.open(`${folder.url}photos/`).put(key, Buffer.from("x"), { metadata });
    await Promise.all([put("moved/result.jpg"), put("moved/deep/result.jpg"), put("moved/old.jpg")]);
    await folder.write("photos/moved/old.jpg", "another photo");
    const rows = await rowsOf(folder.open, prefix(`${folder.url}photos/`));
    expect(rows.map(({ id }) => id)).toEqual(["a.jpg", "moved/c.jpg", "moved/old.jpg", "sales/b.jpg"]);
  });

  it("accepts globs: by name in any folder, by path with a slash, in any case", async () => {
    await using folder = await fixture();
    for (const name of ["2025/a.jpg", "2026/a.JPG", "2026/b-old.jpg", "2026/deep/c.jpg", "d.png"]) {
      await folder.write(`photos/${name}`, "x");
    }
    const ids = async (globs: { include?: string[]; exclude?: string[] }): Promise<(string | undefined)[]> =>
      (await rowsOf(folder.open, prefix(`${folder.url}photos/`, globs))).map(({ id }) => id);
    expect(await ids({ include: ["*.jpg"], exclude: ["*-old.*"] })).toEqual([
      "2025/a.jpg",
      "2026/a.JPG",
      "2026/deep/c.jpg",
    ]);
    const notes: string[] = [];
    await rowsOf(folder.open, prefix(folder.url, { include: ["*.jpg", "[Neu].jpg", "2027/**"] }), {
      onNote: (note) => notes.push(note),
    });
    expect(notes).toEqual([
      expect.stringMatching(/^include "\[Neu\]\.jpg" matches no photo\. Brackets/),
      'include "2027/**" matches no photo.',
    ]);
    expect(await ids({ include: ["2026/**"] })).toEqual(["2026/a.JPG", "2026/b-old.jpg", "2026/deep/c.jpg"]);
    expect(await ids({ include: ["2026/*"], exclude: ["*.JPG"] })).toEqual([]);
    expect(await ids({ include: ["*.png", "2025/*"] })).toEqual(["2025/a.jpg", "d.png"]);
  });

  it.each(["*a".repeat(40), "**/".repeat(6), "{x,*a*a*a}*a*a", "+(a|aa)b", "*(a|aa)b", "!(a)!(b)!(c)!(d)!(e)"])(
    "rejects the glob %s, which could take forever",
    async (glob) => {
      await using folder = await fixture();
      await folder.write(`photos/${"a".repeat(60)}.jpg`, "x");
      for (const field of ["include", "exclude"] as const) {
        await expect(rowsOf(folder.open, prefix(`${folder.url}photos/`, { [field]: [glob] }))).rejects.toMatchObject({
          code: "invalid_input",
          field,
        });
      }
    },
  );

  it("accepts many alternatives, and a literal +", async () => {
    await using folder = await fixture();
    for (const name of ["a+.jpg", "aa.jpg", "b.png"]) await folder.write(`photos/${name}`, "x");
    const rows = await rowsOf(
      folder.open,
      prefix(`${folder.url}photos/`, { include: ["{*.png,*.gif,*.tif,*.heic,*.webp,*.avif}", "(a)+*"] }),
    );
    expect(rows.map(({ id }) => id)).toEqual(["a+.jpg", "b.png"]);
  });

  it("rejects the photo whose result would replace another's", async () => {
    await using folder = await fixture();
    await folder.write("photos/IMG_1.HEIC", "x");
    await folder.write("photos/IMG_1.jpg", "x");
    const rows = await rowsOf(folder.open, prefix(`${folder.url}photos/`));
    expect(rows).toMatchObject([
      { index: 0, id: "IMG_1.HEIC", source: "IMG_1.HEIC", rejected: { repeats: "destination" } },
      { source: "IMG_1.jpg", destination: "IMG_1.jpg" },
    ]);
    expect(rows[0]).not.toHaveProperty("rejected.line");
  });

  it.each([
    [undefined, "C.jpg"],
    ["results/{name}", "results/C.jpg"],
  ])("gives the result's name to the photo that has it (template %s)", async (template, destination) => {
    await using folder = await fixture();
    for (const name of ["C.HEIC", "C.back.jpg", "C.heic", "C.jpg", "C.png"]) await folder.write(`photos/${name}`, name);
    const rows = await rowsOf(folder.open, prefix(`${folder.url}photos/`), { template });
    const made = rows.filter((row) => !isRejected(row)).map((row) => [row.source, row.destination]);
    expect(made).toEqual([
      ["C.back.jpg", destination.replace("C.", "C.back.")],
      ["C.jpg", destination],
      ["C.png", destination.replace("jpg", "png")],
    ]);
  });

  it("names both photos that would share a name, and a template that keeps them apart", async () => {
    await using folder = await fixture();
    for (const name of ["Anna.heic", "Anna.jpg", "Anna.png", "b/Anna.png"]) await folder.write(`photos/${name}`, name);
    const source = prefix(`${folder.url}photos/`);
    const wishes: Wishes = { output: { format: "jpeg" } };
    const messages = (rows: readonly SnapshotRow[]) =>
      rows.flatMap((row) => (isRejected(row) ? [[row.rejected.field, row.rejected.message]] : []));
    const ending =
      'rename one of them, or give a template such as {path}-{ext} (--template "{path}-{ext}"), which copies existing results';
    expect(messages(await rowsOf(folder.open, source, wishes))).toEqual([
      [undefined, `"Anna.heic" and "Anna.jpg" would both be stored as "Anna.jpg"; ${ending}`],
      [undefined, `"Anna.png" and "Anna.jpg" would both be stored as "Anna.jpg"; ${ending}`],
    ]);
    const apart = await rowsOf(folder.open, source, { ...wishes, template: "{path}-{ext}" });
    expect(apart.map((row) => row.destination)).toEqual([
      "Anna-heic.jpg",
      "Anna-jpg.jpg",
      "Anna-png.jpg",
      "b/Anna-png.jpg",
    ]);
    const byName = messages(await rowsOf(folder.open, source, { ...wishes, template: "{name}-{ext}" }));
    expect(byName).toEqual([[undefined, expect.stringContaining('"b/Anna.png" and "Anna.png" would both be stored')]]);
    expect(String(byName[0]?.[1])).toMatch(
      /such as \{path\} \(--template "\{path\}"\), which pays again for existing results$/,
    );
  });

  it("fills a template, and rejects one that uses a manifest's column", async () => {
    await using folder = await fixture();
    await folder.write("photos/sales/jane.doe.jpg", "x");
    const source = prefix(`${folder.url}photos/`);
    expect(await rowsOf(folder.open, source, { template: "{index}/{name}-new.{ext}" })).toMatchObject([
      { destination: "0/jane.doe-new.jpg" },
    ]);
    await expect(rowsOf(folder.open, source, { template: "{department}/{name}" })).rejects.toMatchObject({
      code: "invalid_input",
      field: "template",
    });
  });

  it("without a photo yields no row", async () => {
    await using folder = await fixture();
    await folder.write("photos/readme.md", "x");
    expect(await rowsOf(folder.open, prefix(`${folder.url}photos/`))).toEqual([]);
  });
});
