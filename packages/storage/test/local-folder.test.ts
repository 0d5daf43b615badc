import {
  appendFile,
  chmod,
  cp,
  mkdir,
  readFile,
  readdir,
  rename,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RESULT_NOTES_FOLDER, type ListWalk, type PassedOver } from "@darkroom/core";
import { asOrdinaryUser, tempFolder, until } from "@darkroom/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStores, type Stores } from "../src/index.ts";
import { readNotes, writeNotes } from "../src/local-notes.ts";
import { everythingIn, LINK_SECRET, startLocal, type LocalHarness } from "./local-harness.ts";
import { keysOf, listed, textOf } from "./suite-harness.ts";

let harness: LocalHarness;
beforeEach(async () => {
  harness = await startLocal();
});
afterEach(async () => harness.close());

const path = (...names: string[]): string => join(harness.folder, ...names);
const visible = async (): Promise<string[]> =>
  (await everythingIn(harness.folder)).filter((name) => !name.split("/").some((part) => part.startsWith(".")));

describe("a local store keeps the user's folder tidy", () => {
  it("writes no note for a file that needs none", async () => {
    await harness.store.put("team/ana.jpg", Buffer.from("x"), { contentType: "image/jpeg" });
    expect(await everythingIn(harness.folder)).toEqual(["team", "team/ana.jpg"]);
  });

  it("hides the notes of other files", async () => {
    await harness.store.put("team/ana.jpg", Buffer.from("x"), { metadata: { fingerprint: "1" } });
    expect(await visible()).toEqual(["team", "team/ana.jpg"]);
    expect(await keysOf(harness.store.list())).toEqual(["team/ana.jpg"]);
  });

  it("leaves neither notes nor empty folders after a delete", async () => {
    await harness.store.put("a/b/c/ana.jpg", Buffer.from("x"), { metadata: { fingerprint: "1" } });
    await harness.store.put("a/kept.jpg", Buffer.from("x"));
    await harness.store.delete("a/b/c/ana.jpg");
    expect(await everythingIn(harness.folder)).toEqual(["a", "a/kept.jpg"]);
    await harness.store.delete("a/kept.jpg");
    expect(await everythingIn(harness.folder)).toEqual([]);
    expect((await stat(harness.folder)).isDirectory()).toBe(true);
  });

  it("removes the temporary files of dead processes, and nothing else", async () => {
    const half = (folder: string, letter: string): string =>
      `${folder}.darkroom-${letter.repeat(8)}-1111-4111-8111-111111111111.tmp`;
    await harness.store.put("team/ana.jpg", Buffer.from("x"), { metadata: { fingerprint: "1" } });
    await mkdir(path("_darkroom/b/inputs"), { recursive: true });
    const old = [
      half("", "a"),
      half("team/", "a"),
      half(`team/${RESULT_NOTES_FOLDER}/`, "a"),
      half("_darkroom/b/inputs/", "a"),
    ];
    for (const name of [...old, half("team/", "b"), ".darkroom-notes.txt", "mine.tmp"])
      await writeFile(path(name), "x");
    for (const name of [...old, ".darkroom-notes.txt", "mine.tmp"]) await utimes(path(name), 0, 0);
    expect(await harness.store.removeLeftovers?.("nowhere/", 0)).toBe(0);
    expect(await harness.store.removeLeftovers?.("", 60_000)).toBe(4);
    const left = await everythingIn(harness.folder);
    expect(left).toEqual(
      expect.arrayContaining([".darkroom-notes.txt", "mine.tmp", "team/ana.jpg", half("team/", "b")]),
    );
    for (const name of [...old, "_darkroom"]) expect(left).not.toContain(name);
    expect((await harness.store.head("team/ana.jpg"))?.metadata).toEqual({ fingerprint: "1" });
  });

  it("keeps a put when a concurrent delete removes its folder", async () => {
    for (let round = 0; round < 30; round++) {
      await harness.store.put("race/old.jpg", Buffer.from("x"), { metadata: { a: "1" } });
      await Promise.all([
        harness.store.delete("race/old.jpg"),
        harness.store.put(`race/new-${round}.jpg`, Buffer.from("x"), { metadata: { a: "2" } }),
      ]);
      expect((await harness.store.head(`race/new-${round}.jpg`))?.metadata).toEqual({ a: "2" });
      await harness.store.delete(`race/new-${round}.jpg`);
    }
    expect(await everythingIn(harness.folder)).toEqual([]);
  });
});

describe("a local listing with a walk", () => {
  /** A walk that accepts everything, and the entries that it reported as skipped. */
  function openWalk(refused: readonly string[] = []) {
    const passed: [key: string, why: PassedOver][] = [];
    const walk: ListWalk = {
      wants: (key) => !key.endsWith(".mov"),
      enters: async (folder) => !refused.includes(folder),
      passesOver: (key, why) => passed.push([key, why]),
    };
    return { walk, passed };
  }

  it("reports every entry that it skips, except its own files", async () => {
    await harness.store.put("team/ana.jpg", Buffer.from("x"), { metadata: { fingerprint: "1" } });
    await mkdir(path(".Trash-1000"));
    await writeFile(path("team/.DS_Store"), "x");
    await symlink(path("team"), path("linked"));
    const { walk, passed } = openWalk();
    expect(await keysOf(harness.store.list({ walk }))).toEqual(["team/ana.jpg"]);
    expect(Object.fromEntries(passed)).toEqual({
      ".Trash-1000/": "hidden",
      "linked/": "linked_folder",
      "team/.DS_Store": "hidden",
    });
    const later = openWalk();
    await keysOf(harness.store.list({ walk: later.walk, startAfter: "team" }));
    expect(later.passed).toEqual([["team/.DS_Store", "hidden"]]);
  });

  it("lists a dangling link, so that the reader learns the cause", async () => {
    await symlink(path("gone.jpg"), path("ana.jpg"));
    expect(await listed(harness.store.list())).toMatchObject([{ key: "ana.jpg", etag: "" }]);
  });

  it("reports a folder without read permission and continues after it", async () => {
    for (const folder of ["in", "locked"]) await mkdir(path(folder));
    for (const key of ["in/a.jpg", "locked/c.jpg", "z.jpg"]) await writeFile(path(key), "x");
    await chmod(path("locked"), 0o000);
    await chmod(harness.folder, 0o755);
    const { walk, passed } = openWalk();
    await asOrdinaryUser(async () => {
      expect(await keysOf(harness.store.list({ walk }))).toEqual(["in/a.jpg", "z.jpg"]);
      await expect(keysOf(harness.store.list())).rejects.toMatchObject({ code: "storage_denied" });
    });
    await chmod(path("locked"), 0o700);
    expect(passed).toEqual([["locked/", "unreadable_folder"]]);
  });

  it("does not open folders that the walk excludes", async () => {
    for (const folder of ["in", "locked"]) await mkdir(path(folder));
    for (const key of ["in/a.jpg", "in/b.mov", "locked/c.jpg"]) await writeFile(path(key), "x");
    const { walk, passed } = openWalk(["locked/"]);
    const opened: string[] = [];
    const watched: ListWalk = {
      ...walk,
      async enters(folder, has) {
        opened.push(folder);
        return await walk.enters(folder, has);
      },
    };
    expect(await keysOf(harness.store.list({ walk: watched }))).toEqual(["in/a.jpg"]);
    expect([opened, passed]).toEqual([["in/", "locked/"], []]);
  });
});

describe("a local store's metadata belongs to the content", () => {
  const fingerprint = async (): Promise<string | undefined> =>
    (await harness.store.head("ana.jpg"))?.metadata["fingerprint"];

  beforeEach(async () => {
    await harness.store.put("ana.jpg", Buffer.from("result"), { metadata: { fingerprint: "1" } });
  });

  it("ignores the metadata of a replaced file, even of the same size", async () => {
    const { mtime } = await stat(path("ana.jpg"));
    expect(await fingerprint()).toBe("1");
    await writeFile(path("ana.jpg"), "edited");
    await utimes(path("ana.jpg"), mtime, mtime);
    expect(await fingerprint()).toBeUndefined();
  });

  it("keeps metadata when a file is touched or its folder is copied", async () => {
    await utimes(path("ana.jpg"), new Date(0), new Date(0));
    expect(await fingerprint()).toBe("1");
    await using other = await tempFolder();
    await cp(harness.folder, other.path, { recursive: true });
    const stores = openStores({ s3: {}, local: { roots: "any", linkSecret: LINK_SECRET } });
    const copy = await stores.open(pathToFileURL(other.path).href).head("ana.jpg");
    expect(copy?.metadata).toEqual({ fingerprint: "1" });
    expect(copy?.etag).toBe((await harness.store.head("ana.jpg"))?.etag);
  });

  it("returns the same metadata through a store of the parent folder", async () => {
    await harness.store.put("team/bo.jpg", Buffer.from("x"), { metadata: { fingerprint: "2" } });
    const inner = harness.stores.open(pathToFileURL(path("team")).href);
    expect((await inner.head("bo.jpg"))?.metadata).toEqual({ fingerprint: "2" });
  });

  it("keeps metadata consistent when a put dies between its steps", async () => {
    const notes = await readNotes(path("ana.jpg"));
    const unborn = { etag: "0".repeat(32), metadata: { fingerprint: "never stored" } };
    await writeNotes(path("ana.jpg"), [unborn, ...notes]);
    expect(await fingerprint()).toBe("1");
    await harness.store.put("ana.jpg", Buffer.from("next"), { metadata: { fingerprint: "2" } });
    expect(await fingerprint()).toBe("2");
    expect(await readNotes(path("ana.jpg"))).toHaveLength(1);
  });

  it("ignores a damaged note", async () => {
    const [note = ""] = await readdir(path(RESULT_NOTES_FOLDER));
    await appendFile(path(RESULT_NOTES_FOLDER, note), "}");
    expect(await fingerprint()).toBeUndefined();
    await harness.store.put("ana.jpg", Buffer.from("result"), { metadata: { fingerprint: "3" } });
    expect(await fingerprint()).toBe("3");
  });

  it("drops metadata when the same bytes are put without any", async () => {
    await harness.store.put("ana.jpg", Buffer.from("result"));
    expect(await fingerprint()).toBeUndefined();
    expect(await everythingIn(harness.folder)).toEqual(["ana.jpg"]);
  });
});

describe("a local store reads a user's folder", () => {
  it("derives the type from the name and the ETag from the content", async () => {
    await writeFile(path("a.png"), "same");
    await writeFile(path("b.heic"), "same");
    const [a, b] = await Promise.all([harness.store.head("a.png"), harness.store.head("b.heic")]);
    expect([a?.contentType, b?.contentType]).toEqual(["image/png", "image/heic"]);
    expect(a?.etag).toBe(b?.etag);
    expect(a?.etag).toMatch(/^[0-9a-f]{32}$/);
  });

  it("does not list hidden files and folders, which are not meant as photos", async () => {
    await mkdir(path(".thumbnails"));
    for (const name of [".DS_Store", "._ana.jpg", ".thumbnails/ana.jpg", "ana.jpg"]) await writeFile(path(name), "x");
    expect(await keysOf(harness.store.list())).toEqual(["ana.jpg"]);
    expect(await textOf((await harness.store.get("._ana.jpg")).body)).toBe("x");
  });

  it("skips pipes, links to folders, loops and dangling links", async () => {
    await mkdir(path("real"));
    await writeFile(path("real/ana.jpg"), "x");
    await symlink(harness.folder, path("real/circle"));
    await symlink(path("real"), path("alias"));
    await symlink(path("nowhere"), path("dangling.jpg"));
    await symlink(path("self.jpg"), path("self.jpg"));
    await symlink(path("real/ana.jpg"), path("inside.jpg"));
    execFileSync("mkfifo", [path("pipe.jpg")]);
    const infos = await listed(harness.store.list());
    expect(infos.filter(({ etag }) => etag !== "").map(({ key }) => key)).toEqual(["inside.jpg", "real/ana.jpg"]);
    expect(await harness.store.head("pipe.jpg")).toBeUndefined();
    await expect(harness.store.get("real")).rejects.toMatchObject({ code: "storage_not_found" });
    await expect(harness.store.head("real")).rejects.toMatchObject({ code: "storage_invalid" });
    await expect(harness.store.head("real/ana.jpg/b.jpg")).rejects.toMatchObject({ code: "storage_invalid" });
    await expect(harness.store.get("self.jpg")).rejects.toMatchObject({ code: "storage_denied" });
  });

  it("lists unreadable files, so that the reader learns the cause", async () => {
    await using outside = await tempFolder();
    await writeFile(join(outside.path, "secret.jpg"), "secret");
    await symlink(join(outside.path, "secret.jpg"), path("leads-out.jpg"));
    execFileSync("sh", ["-c", 'printf x > "$(printf "Jos\\351.jpg")"'], { cwd: harness.folder });
    const infos = await listed(harness.store.list());
    expect(infos.map(({ key, etag }) => [key, etag])).toEqual([
      ["Jos\ufffd.jpg", ""],
      ["leads-out.jpg", ""],
    ]);
    await expect(harness.store.get("leads-out.jpg")).rejects.toMatchObject({ code: "storage_denied" });
    await expect(harness.store.get("Jos\ufffd.jpg")).rejects.toMatchObject({ code: "storage_not_found" });
  });
});

describe("a local store never leaves its folder", () => {
  it("rejects reads, writes and deletes through a link", async () => {
    await using outside = await tempFolder();
    await writeFile(join(outside.path, "theirs.jpg"), "theirs");
    await symlink(outside.path, path("door"));
    const denied = { code: "storage_denied", message: expect.stringContaining("symbolic link") };
    await expect(harness.store.get("door/theirs.jpg")).rejects.toMatchObject(denied);
    await expect(harness.store.head("door/theirs.jpg")).rejects.toMatchObject(denied);
    await expect(harness.store.put("door/mine.jpg", Buffer.from("x"))).rejects.toMatchObject(denied);
    await expect(harness.store.put("door/new/mine.jpg", Buffer.from("x"))).rejects.toMatchObject(denied);
    await expect(harness.store.delete("door/theirs.jpg")).rejects.toMatchObject(denied);
    expect(await everythingIn(outside.path)).toEqual(["theirs.jpg"]);
  });

  it("rejects writes and deletes, and soon reads, after a link has replaced a folder", async () => {
    await using outside = await tempFolder();
    await writeFile(join(outside.path, "ana.jpg"), "theirs");
    await harness.store.put("team/ana.jpg", Buffer.from("ours"));
    await harness.store.head("team/ana.jpg");
    await rename(path("team"), path("moved"));
    await symlink(outside.path, path("team"));
    const denied = { code: "storage_denied" };
    await expect(harness.store.delete("team/ana.jpg")).rejects.toMatchObject(denied);
    await expect(harness.store.put("team/ana.jpg", Buffer.from("x"))).rejects.toMatchObject(denied);
    expect(await readFile(join(outside.path, "ana.jpg"), "utf8")).toBe("theirs");
    const isDenied = () =>
      harness.store.head("team/ana.jpg").then(
        () => false,
        () => true,
      );
    await until(isDenied, { what: "the folder to be checked again", timeoutMs: 2_000 });
  });

  it("replaces a link with the file instead of writing through it", async () => {
    await using outside = await tempFolder();
    await writeFile(join(outside.path, "theirs.jpg"), "theirs");
    await symlink(join(outside.path, "theirs.jpg"), path("ana.jpg"));
    await harness.store.put("ana.jpg", Buffer.from("mine"));
    expect(await readFile(join(outside.path, "theirs.jpg"), "utf8")).toBe("theirs");
    expect(await textOf((await harness.store.get("ana.jpg")).body)).toBe("mine");
  });

  it.each(["a//b.jpg", "/a.jpg", "a/", ".darkroom/x.json", "a/.darkroom-1.tmp", `${"ü".repeat(128)}.jpg`])(
    "rejects the key %j",
    async (key) => {
      await expect(harness.store.put(key, Buffer.from("x"))).rejects.toMatchObject({ code: "storage_invalid" });
      expect(await everythingIn(harness.folder)).toEqual([]);
    },
  );

  it("reports a file or folder that is in a key's way", async () => {
    await harness.store.put("a", Buffer.from("x"));
    await harness.store.put("b/c", Buffer.from("x"));
    await expect(harness.store.put("a/b", Buffer.from("x"))).rejects.toMatchObject({
      code: "storage_invalid",
      message: expect.stringContaining("a file is in the place of a folder that it needs"),
    });
    await expect(harness.store.put("b", Buffer.from("x"))).rejects.toMatchObject({
      code: "storage_invalid",
      message: expect.stringContaining("a folder of this name exists"),
    });
    await harness.store.delete("b");
    expect(await everythingIn(harness.folder)).toEqual(["a", "b", "b/c"]);
  });

  it.runIf(process.getuid?.() !== 0)("reports missing permissions (not tried as root)", async () => {
    await writeFile(path("locked.jpg"), "x");
    await chmod(path("locked.jpg"), 0);
    await expect(harness.store.get("locked.jpg")).rejects.toMatchObject({ code: "storage_denied" });
  });
});

describe("openStores", () => {
  const openWith = (roots: readonly string[] | "any"): Stores =>
    openStores({ s3: {}, local: { roots, linkSecret: LINK_SECRET } });
  const url = (folder: string): string => pathToFileURL(folder).href;

  it("opens only folders under the allowed ones, with links resolved", async () => {
    await using outside = await tempFolder();
    await mkdir(path("root"));
    await symlink(outside.path, path("root/door"));
    await symlink(path("root"), path("alias"));
    const { open } = openWith([path("root")]);
    expect(open(url(path("root"))).kind).toBe("local");
    expect(open(url(path("root/not/yet/there"))).url).toBe(`${url(path("root/not/yet/there"))}/`);
    expect(open(url(path("alias/sub"))).url).toBe(`${url(path("alias/sub"))}/`);
    const denied = expect.objectContaining({
      code: "storage_denied",
      message: expect.stringContaining("DARKROOM_LOCAL_ROOTS"),
    });
    for (const folder of [harness.folder, path("root2"), path("root/../other"), path("root/door"), "/etc"]) {
      expect(() => open(url(folder))).toThrow(denied);
    }
    expect(() => openWith([]).open(url(path("root")))).toThrow(denied);
    expect(openWith("any").open(url(outside.path)).kind).toBe("local");
  });

  it("creates a missing folder with the first put, and lists it as empty before", async () => {
    const store = openWith("any").open(url(path("new/out")));
    expect(await keysOf(store.list())).toEqual([]);
    expect(await store.isThere?.()).toBe(false);
    expect(await store.head("ana.jpg")).toBeUndefined();
    await store.put("ana.jpg", Buffer.from("x"));
    expect(await store.isThere?.()).toBe(true);
    expect(await keysOf(store.list())).toEqual(["ana.jpg"]);
  });

  it("rejects reading a folder as a file", async () => {
    const store = openWith("any").open(url(path("kinds")));
    await store.put("team/ana.jpg", Buffer.from("x"));
    await expect(store.get("team")).rejects.toMatchObject({
      code: "storage_not_found",
      message: expect.stringMatching(/kinds\/team: it is a folder, not a file$/),
    });
  });

  it("names the setting that links require", async () => {
    const store = openWith("any").open(url(harness.folder));
    await expect(store.link("ana.jpg", { expiresInSeconds: 60 })).rejects.toMatchObject({
      code: "invalid_settings",
      field: "DARKROOM_PUBLIC_URL",
    });
  });
});
