import { chmod, mkdir, symlink } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LeftOutCount, leftOutText, type BatchSource } from "@darkroom/core";
import { asOrdinaryUser } from "@darkroom/testkit";
import { beginSource } from "../src/index.ts";
import { fixture, rowsOf, type Fixture, type Wishes } from "./fixture.ts";

type Globs = { readonly include?: string[]; readonly exclude?: string[] };

function photosOf(folder: Fixture, globs: Globs = {}): BatchSource {
  return { kind: "prefix", url: `${folder.url}photos/`, ...globs };
}

/** Returns the names of a source's photos, and the files left out by type. */
async function listed(folder: Fixture, globs: Globs = {}, wishes: Wishes = {}) {
  const leftOut = new LeftOutCount();
  const rows = await rowsOf(folder.open, photosOf(folder, globs), { leftOut, ...wishes });
  const named = Object.fromEntries(leftOut.leftOut.map(({ kind, examples }) => [kind, examples]));
  return { rows, names: rows.map(({ source }) => source), named, leftOut: leftOut.leftOut };
}

async function write(folder: Fixture, names: readonly string[]): Promise<void> {
  for (const name of names) await folder.write(`photos/${name}`, name);
}

describe("a listing reports what it leaves out", () => {
  it("by type, with the first names", async () => {
    await using folder = await fixture();
    await write(folder, ["a.jpg", "a.mov", "a.xmp", "b.bmp", "c.psd", "noext", "note.txt", "Thumbs.db", ".DS_Store"]);
    await write(folder, [
      "@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg",
      "#recycle/old.jpg",
      "lost+found/x.jpg",
      ".Trash-1000/y.jpg",
    ]);
    const { names, named, leftOut } = await listed(folder);
    expect(names).toEqual(["a.jpg"]);
    expect(named).toEqual({
      unsupported_picture: ["b.bmp", "c.psd"],
      no_extension: ["noext"],
      video: ["a.mov"],
      sidecar: ["a.xmp"],
      other: ["note.txt"],
      system: expect.arrayContaining([".DS_Store", ".Trash-1000/", "#recycle/", "@eaDir/", "Thumbs.db", "lost+found/"]),
    });
    expect(leftOutText(leftOut, 1)).toContain("2 pictures in unsupported formats (b.bmp, c.psd); 1 file without an");
  });

  it("a raw file is the photo only if no picture of its name is beside it", async () => {
    await using folder = await fixture();
    await write(folder, [
      "IMG_1.CR2",
      "IMG_1.JPG",
      "IMG_10.CR2",
      "IMG_2.ARW",
      "IMG_2.ARW.jpg",
      "IMG_3.NEF",
      "raw/IMG_1.CR2",
    ]);
    const { names, named } = await listed(folder);
    expect(names).toEqual(["IMG_1.JPG", "IMG_10.CR2", "IMG_2.ARW.jpg", "IMG_3.NEF", "raw/IMG_1.CR2"]);
    expect(named).toEqual({ raw: ["IMG_1.CR2", "IMG_2.ARW"] });
  });

  it("the same number of times when it resumes after a key as in one go", async () => {
    await using folder = await fixture();
    await write(folder, ["a.jpg", "a.txt", "b.CR2", "b.jpg", "c.mov", "d.jpg", "@eaDir/x.jpg", "e/f.jpg", "e/g.bmp"]);
    const whole = await listed(folder);
    for (let index = 1; index <= whole.rows.length; index += 1) {
      const done = (async function* () {
        yield whole.rows.slice(0, index);
      })();
      const rest = await listed(folder, {}, { from: { index, done } });
      expect(rest.names).toEqual(whole.names.slice(index));
      expect(rest.leftOut).toEqual(whole.leftOut);
    }
  });

  it("without opening folders that are excluded or not readable", async () => {
    await using folder = await fixture();
    await write(folder, ["a.jpg", "private/b.jpg", "z/c.jpg"]);
    await mkdir(fileURLToPath(`${folder.url}photos/private/`), { recursive: true });
    await chmod(fileURLToPath(folder.url), 0o755);
    await chmod(fileURLToPath(`${folder.url}photos/private/`), 0o000);
    await asOrdinaryUser(async () => {
      const { names, named } = await listed(folder);
      expect(names).toEqual(["a.jpg", "z/c.jpg"]);
      expect(named).toEqual({ unreadable_folder: ["private/"] });
      const without = await listed(folder, { exclude: ["private/**"] });
      expect(without.names).toEqual(["a.jpg", "z/c.jpg"]);
      expect(without.named).toEqual({ filtered: ["private/"] });
    });
    await chmod(fileURLToPath(`${folder.url}photos/private/`), 0o700);
  });

  it("including a folder that is only linked", async () => {
    await using folder = await fixture();
    await write(folder, ["a.jpg"]);
    await folder.write("elsewhere/b.jpg", "x");
    await symlink(fileURLToPath(`${folder.url}elsewhere`), fileURLToPath(`${folder.url}photos/more`));
    expect(await listed(folder)).toMatchObject({ names: ["a.jpg"], named: { linked_folder: ["more/"] } });
  });
});

describe("globs match a name in any encoding of its accents", () => {
  it.each([
    ["NFC", "Müller*"],
    ["NFD", "Müller*".normalize("NFD")],
  ])("a glob in %s", async (_, glob) => {
    await using folder = await fixture();
    const name = "Müller.jpg".normalize("NFD");
    await write(folder, [name, "Müller 2.jpg", "Möller.jpg", "Müller".normalize("NFD") + "/x.jpg"]);
    const { names } = await listed(folder, { include: [glob] });
    expect(new Set(names)).toEqual(new Set(["Müller 2.jpg", name]));
    expect((await listed(folder, { exclude: ["Müller/**"] })).named).toEqual({
      filtered: [`${"Müller".normalize("NFD")}/`],
    });
  });
});

describe("a source without a photo is rejected at its first check", () => {
  async function refusal(names: readonly string[], globs: Globs = {}): Promise<string> {
    await using folder = await fixture();
    await write(folder, names);
    const look = beginSource({
      source: photosOf(folder, globs),
      destination: {},
      output: { format: "source" },
      openStore: folder.open,
    });
    return await look.then(
      () => "taken",
      (error: Error) => error.message,
    );
  }

  it.each([
    ["a folder that is not there", [], {}, /is empty or does not exist/],
    [
      "globs that match nothing",
      ["a.jpg", "b.png"],
      { include: ["Frau*"] },
      /^nothing in .* is used: the filter include "Frau\*" matches none of the 2 objects .* a\.jpg and b\.png/,
    ],
    ["nothing but raw files", ["a.CR2", "b.NEF"], {}, /no picture that can be enhanced.*2 camera raw files/],
    ["nothing but documents", ["a.txt"], {}, /left out: 1 other file \(a\.txt\)/],
    ["one photo among them", ["a.txt", "z.jfif"], {}, /^taken$/],
  ])("%s", async (_, names, globs, message) => {
    expect(await refusal(names, globs)).toMatch(message);
  });
});
