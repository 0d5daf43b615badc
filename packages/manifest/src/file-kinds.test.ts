import { expect, test } from "vitest";
import { fileKind, isPhotoKey, isSystemFolder } from "./file-kinds.ts";

test.each([
  ["ada.jfif", "photo"],
  ["bob.JPE", "photo"],
  ["cy.HIF", "photo"],
  ["dee.jif", "photo"],
  ["eve.HEICS", "photo"],
  ["team/IMG_0009.CR2", "raw"],
  ["a.psd", "unsupported_picture"],
  ["a.bmp", "unsupported_picture"],
  ["a.MOV", "video"],
  ["a.jpg.xmp", "sidecar"],
  ["IMG_0014", "no_extension"],
  ["list.csv", "other"],
  ["Thumbs.db", "system"],
  ["._ada.jpg", "system"],
  ["folder.jpg/readme.txt", "other"],
])("classifies %s as %s", (key, kind) => {
  expect(fileKind(key)).toBe(kind);
});

test.each([
  "@eaDir",
  "#recycle",
  "$RECYCLE.BIN",
  "lost+found",
  ".Trash-1000",
  "System Volume Information",
  "Photos.photoslibrary",
  "team.numbers",
])("ignores photos in the system folder %s", (name) => {
  expect(isSystemFolder(name)).toBe(true);
  expect(isPhotoKey(`team/${name}/ada.jpg`)).toBe(false);
});

test.each(["recycling team", "thumbs", "eaDir", "2026", "_darkroom photos"])("accepts photos in %s", (name) => {
  expect(isPhotoKey(`${name}/ada.jpg`)).toBe(true);
});
