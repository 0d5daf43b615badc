import { expect, test } from "vitest";
import { withPhotoWarnings } from "./photo-notes.ts";
import { EMPTY_RECEIPT } from "./receipt.ts";

test("the receipt holds the texts of the present photo's warnings and all other notes", () => {
  const before = { ...EMPTY_RECEIPT, notes: ["a call for another portrait was found"] };
  const first = withPhotoWarnings(before, ["tiny_face", "dark_face"]);
  expect(first.notes).toEqual(["a call for another portrait was found", "the face is tiny", "the face is very dark"]);
  expect(withPhotoWarnings(first, ["several_faces"]).notes).toEqual([
    "a call for another portrait was found",
    "the photo shows several faces",
  ]);
  expect(withPhotoWarnings(withPhotoWarnings(EMPTY_RECEIPT, ["tiny_face"]), [])).toEqual(EMPTY_RECEIPT);
});
