import { isAbsolute, relative, resolve } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { extensionOf, formatOfKey, renderTemplate, safeKey, sourceFields, withOutputExtension } from "./destination.ts";
import { isDarkroomError } from "../errors.ts";

const ROOT = "/srv/out";
/** Built from pieces of paths, so that many keys are valid and many are invalid in tricky ways. */
const pathLike = fc
  .array(
    fc.constantFrom("..", ".", "/", "\\", "a", "é", "e\u0301", "_darkroom", "%2e%2e", "~", "\u0000", "．．", " ", "C:"),
    {
      maxLength: 10,
    },
  )
  .map((parts) => parts.join(""));
const anyText = fc.oneof(fc.string(), fc.string({ unit: "binary" }), pathLike);

function accepted(key: string): string | undefined {
  try {
    return safeKey(key);
  } catch (error) {
    if (isDarkroomError(error, "invalid_input")) return undefined;
    throw error;
  }
}

test("an accepted key stays inside its destination, whatever its parts", () => {
  let kept = 0;
  fc.assert(
    fc.property(anyText, (text) => {
      const key = accepted(text);
      if (key === undefined) return;
      kept += 1;
      const inside = relative(ROOT, resolve(ROOT, key));
      expect(inside).not.toBe("");
      expect(isAbsolute(inside)).toBe(false);
      expect(inside.split("/")).not.toContain("..");
      expect(inside.split("/")[0]).not.toBe("_darkroom");
      expect(inside).toBe(key);
      expect(new URL(`file://${ROOT}/${encodeURIComponent(key)}`).pathname.startsWith(`${ROOT}/`)).toBe(true);
      expect(safeKey(key)).toBe(key);
    }),
    { numRuns: 2_000 },
  );
  expect(kept).toBeGreaterThan(100);
});

test.each([
  ["", "empty"],
  ["/etc/passwd", "starts with /"],
  ["../anna.jpg", ".."],
  ["team/../../anna.jpg", ".."],
  ["..", ".."],
  ["team//anna.jpg", "empty or . segment"],
  ["./anna.jpg", "empty or . segment"],
  ["team/", "ends with /"],
  ["team\\anna.jpg", "backslash"],
  ["anna\u0000.jpg", "control character"],
  ["anna\n.jpg", "control character"],
  ["_darkroom/x/batch.json", "_darkroom/"],
  ["_darkroom", "_darkroom/"],
  ["_DarkRoom/x/batch.json", "_darkroom/"],
  ["_dar\u212aroom/x/batch.json", "_darkroom/"],
  ["file:///etc/passwd", "empty or . segment"],
  ["s3://photos/gross/p1.jpg", "empty or . segment"],
  ["é".repeat(513), "1024 bytes"],
])("rejects %j and says why", (key, why) => {
  expect(() => safeKey(key)).toThrow(expect.objectContaining({ code: "invalid_input", field: "destination" }) as Error);
  expect(() => safeKey(key)).toThrow(why);
});

test("accepts names that only look odd", () => {
  for (const key of ["..anna.jpg", "a..b/c.jpg", "team/_darkroom/a.jpg", ".hidden", "Zoë 山.jpg", "é".repeat(512)]) {
    expect(safeKey(key)).toBe(key);
  }
});

test("normalizes two encodings of a name to the same key", () => {
  expect(safeKey("Zoe\u0308.jpg")).toBe(safeKey("Zoë.jpg"));
});

test.each([
  ["anna.jpg", "source", "anna.jpg"],
  ["anna.JPEG", "source", "anna.JPEG"],
  ["anna.png", "source", "anna.png"],
  ["anna.heic", "source", "anna.jpg"],
  ["anna", "source", "anna.jpg"],
  ["a.b/anna", "source", "a.b/anna.jpg"],
  [".hidden", "source", ".hidden.jpg"],
  ["anna.jpeg", "jpeg", "anna.jpeg"],
  ["anna.png", "jpeg", "anna.jpg"],
  ["anna.jpg", "webp", "anna.webp"],
  ["anna.v2.jpg", "png", "anna.v2.png"],
] as const)("%s as %s becomes %s", (key, format, wished) => {
  expect(withOutputExtension(key, format)).toBe(wished);
});

test("a key's extension decides its format", () => {
  fc.assert(
    fc.property(
      fc.string().map((name) => `a${name.replaceAll("/", "")}`),
      fc.constantFrom("jpeg", "png", "webp"),
      (key, format) => {
        const named = withOutputExtension(key, format);
        expect(formatOfKey(named)).toBe(format);
        expect(withOutputExtension(named, format)).toBe(named);
      },
    ),
  );
});

test("the extension is that of the last segment, in lower case", () => {
  expect(["a/b.PNG", "a.b/c", ".jpg", "a.tar.gz", ""].map(extensionOf)).toEqual(["png", "", "", "gz", ""]);
});

test("a template is filled with the source's parts and the row's columns", () => {
  const fields = { ...sourceFields("team/anna.v2.JPG"), id: "42", department: "R&D $1" };
  expect(fields).toMatchObject({ path: "team/anna.v2", name: "anna.v2", ext: "jpg" });
  expect(renderTemplate("{path}.{ext}", fields)).toBe("team/anna.v2.jpg");
  expect(renderTemplate("{department}/{id}-{name}.png", fields)).toBe("R&D $1/42-anna.v2.png");
});

test("a column cannot add folders", () => {
  expect(renderTemplate("{id}.jpg", { id: "../../etc\\passwd" })).toBe("..-..-etc-passwd.jpg");
});

test("rejects a template by the name of the column that the row does not have", () => {
  expect(() => renderTemplate("{team}/{id}", { id: "1" })).toThrow("{team}");
  expect(() => renderTemplate("{id}", { id: "" })).toThrow("{id}");
  expect(() => renderTemplate("{constructor}", {})).toThrow("{constructor}");
});
