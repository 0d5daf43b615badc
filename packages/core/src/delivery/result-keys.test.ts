import { expect, test } from "vitest";
import { deliverySchema, outputSchema, resolveRecipe, type Delivery } from "../index.ts";
import { deliveryKey, extraKeys, namesOnly, variationKey } from "./result-keys.ts";

const row = { destination: "sales/anna.b.png", id: "a/1", index: 7 };

test.each([
  ["sales/anna.jpg", 2, "sales/anna-2.jpg"],
  ["anna.b.png", 4, "anna.b-4.png"],
  ["a.folder/anna", 3, "a.folder/anna-3"],
])("further pictures of %s are stored beside it: %i is %s", (destination, number, key) => {
  expect(variationKey(destination, number)).toBe(key);
});

test.each<[Delivery, string]>([
  [{ name: "linkedin" }, "linkedin/sales/anna.b.jpg"],
  [{ name: "website", format: "webp" }, "website/sales/anna.b.webp"],
  [{ name: "resume", template: "cuts/{id}-{delivery}.{ext}" }, "cuts/a-1-resume.jpg"],
  [{ name: "resume", format: "png", template: "{name}/{index}" }, "anna.b/7.png"],
  [{ name: "resume", format: "webp", template: "{name}.jpg" }, "anna.b.jpg.webp"],
  [{ name: "resume", template: "{name}.JPEG" }, "anna.b.JPEG"],
])("%j of a portrait goes to %s", (delivery, key) => {
  expect(deliveryKey(delivery, row)).toBe(key);
});

test("a portrait's additional names are those of its variations and deliveries", () => {
  expect(extraKeys({}, row)).toEqual([]);
  expect(extraKeys({ variations: 3, deliveries: [{ name: "signature" }] }, row)).toEqual([
    "sales/anna.b-2.png",
    "sales/anna.b-3.png",
    "signature/sales/anna.b.jpg",
  ]);
});

test.each<[string, Delivery[], string]>([
  ["no delivery", [], ""],
  ["a delivery's default template", [{ name: "resume" }], ""],
  ["a template with {id}", [{ name: "signature" }, { name: "resume", template: "{id}.{ext}" }], "a/1"],
])("with %s, the names of a portrait's results need the id %j", (_, deliveries, id) => {
  const output = { variations: 2, deliveries };
  const named = namesOnly(output, row);
  expect(named.id).toBe(id);
  expect(extraKeys(output, named)).toEqual(extraKeys(output, row));
});

test("rejects a template that leaves the destination", () => {
  expect(() => deliveryKey({ name: "resume", template: "../{name}" }, row)).toThrow(/\.\./);
  expect(() => deliveryKey({ name: "resume", template: "_darkroom/{name}" }, row)).toThrow(/Darkroom's own/);
});

test.each([
  ["{departement}/{name}", "no other braces"],
  ["linkedin/photo.jpg", "share one key"],
])("rejects a delivery's template %s with the reason", (template, words) => {
  const parsed = deliverySchema.safeParse({ name: "linkedin", template });
  expect(parsed.error?.issues[0]?.message).toContain(words);
});

test("rejects two deliveries with the same key", () => {
  const wished = [
    { name: "linkedin", template: "{name}.{ext}" },
    { name: "speaker", template: "{name}.{ext}" },
  ];
  expect(outputSchema.safeParse({ format: "source", deliveries: wished }).error?.issues[0]?.message).toContain(
    "same key",
  );
  const apart = [wished[0], { ...wished[1], format: "webp" }];
  expect(outputSchema.safeParse({ format: "source", deliveries: apart }).success).toBe(true);
  expect(resolveRecipe({ mode: "eco", prompt: "x", output: { deliveries: [{ name: "resume" }] } }).output).toEqual({
    format: "source",
    deliveries: [{ name: "resume" }],
  });
});
