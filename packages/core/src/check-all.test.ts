import { expect, test } from "vitest";
import { checkAll } from "./check-all.ts";
import { DarkroomError } from "./errors.ts";

const bad = (field: string) => (): never => {
  throw new DarkroomError("invalid_input", `${field}: is wrong.`, { field });
};
const broken = (): never => {
  throw new Error("the store is away");
};

test("returns every result if all checks pass", () => {
  const [one, two] = checkAll([() => 1, () => "two"]);
  expect([one + 1, two.length]).toEqual([2, 3]);
});

test("one error names all that is wrong, and the first field", () => {
  const check = () => checkAll([bad("a"), () => 1, () => checkAll([bad("b"), bad("c")])]);
  expect(check).toThrow(
    expect.objectContaining({
      code: "invalid_input",
      field: "a",
      message: "a: is wrong. b: is wrong. c: is wrong.",
      faults: ["a", "b", "c"].map((field) => ({ field, message: `${field}: is wrong.` })),
    }),
  );
});

test("a single mistake is thrown as it is", () => {
  expect(() => checkAll([() => 1, bad("a")])).toThrow(expect.objectContaining({ field: "a", faults: [] }));
});

test("an error of another kind is thrown, but never hides a mistake", () => {
  expect(() => checkAll([broken, bad("a")])).toThrow("the store is away");
  expect(() => checkAll([bad("a"), broken])).toThrow("a: is wrong.");
});
