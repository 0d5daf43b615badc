import type { OutputFormat } from "@darkroom/core";
import { describe, expect, it } from "vitest";
import { DestinationNames } from "./row-destination.ts";

interface Case {
  readonly path?: string;
  readonly id?: string;
  readonly destination?: string;
  readonly carried?: Readonly<Record<string, string>>;
  readonly template?: string;
  readonly format?: OutputFormat;
}

function nameOf({
  path = "team/jane.png",
  id = "p-1",
  destination,
  carried,
  template,
  format = "source",
}: Case): string {
  return new DestinationNames(template, format).nameOf({
    index: 7,
    id,
    path,
    columns: destination === undefined ? { id } : { id, destination },
    carried,
  });
}

describe("the default destination", () => {
  it.each([
    [{}, "team/jane.png"],
    [{ format: "webp" }, "team/jane.webp"],
    [{ path: "a.HEIC" }, "a.jpg"],
    [{ path: "a.JPEG", format: "jpeg" }, "a.JPEG"],
    [{ path: "IMG_001" }, "IMG_001.jpg"],
    [{ path: "jane.doe" }, "jane.doe.jpg"],
  ] as const)("of %o is %s", (row, key) => {
    expect(nameOf(row)).toBe(key);
  });
});

describe("an explicit destination", () => {
  it.each([
    [{ destination: " out/one.jpg " }, "out/one.jpg"],
    [{ destination: "one.webp", format: "jpeg" }, "one.webp"],
    [{ destination: "one" }, "one.png"],
    [{ destination: "jane.doe" }, "jane.doe.png"],
    [{ destination: "one.gif", path: "a.gif" }, "one.gif.jpg"],
    [{ destination: "one", format: "jpeg" }, "one.jpg"],
    [{ destination: "e\u0301.jpg" }, "\u00e9.jpg"],
    [{ destination: "one.jpg", template: "{id}" }, "one.jpg"],
  ] as const)("of %o is %s", (row, key) => {
    expect(nameOf(row)).toBe(key);
  });
});

describe("a template", () => {
  it.each([
    [{ template: "{path}-new.{ext}" }, "team/jane-new.png"],
    [{ template: "{id}" }, "p-1.png"],
    [{ template: "{id}", id: "jane.doe" }, "jane.doe.png"],
    [{ template: "{id}.{ext}", id: "a/b", path: "x.heic" }, "a-b.jpg"],
    [{ template: "{Department}/{index}-{name}", carried: { department: "R/D" } }, "R-D/7-jane.png"],
    [{ template: "{department}/{ID}", carried: { Department: "IT" } }, "IT/p-1.png"],
    [{ template: "{name}", carried: { name: "Jane" } }, "jane.png"],
    [{ template: "{Name}.{ext}", carried: { Name: "Jane Doe" } }, "Jane Doe.png"],
    [{ template: "{Name}-{name}.{ext}", carried: { Name: "Jane Doe", name: "J" } }, "Jane Doe-jane.png"],
    [{ template: "{NAME}.{ext}", carried: { Name: "Jane Doe" } }, "jane.png"],
    [{ template: "{Path}/{ Index }" }, "team/jane/7.png"],
    [{ template: "{Path}.{ext}", carried: { Path: "a/b" } }, "a-b.png"],
  ] as const)("of %o gives %s", (row, key) => {
    expect(nameOf(row)).toBe(key);
  });

  it.each(["{constructor}", "{__proto__}", "{missing}"])("fills %s only from columns", (template) => {
    expect(() => nameOf({ template })).toThrow(/this row does not have/);
  });

  it("warns about columns that are shadowed by built-in fields", () => {
    const names = new DestinationNames("{name}-{Index}-{team}.{ext}", "source");
    expect(names.shadowed({ name: "Jane", Index: "1", team: "x", Ext: "y" })).toEqual([
      '{name} in the template is the photo\'s file name, not the column "name"; to use the column, rename it, for instance to "Name".',
    ]);
    expect(names.shadowed({ Name: "Jane" })).toEqual([]);
  });

  it("finds the placeholders that no column will fill", () => {
    const names = new DestinationNames("{Team}/{ID}-{path}-{x}-{profileIds}", "source");
    expect(names.unknownPlaceholders(["team", "profile_ids"])).toEqual(["x"]);
  });
});
