import { expect, test } from "vitest";
import { readDeliveries } from "./delivery-option.ts";

test("deliveries are named in a row, each with its kind of picture where it is not a JPEG", () => {
  expect(readDeliveries("linkedin, website:webp,resume:jpg")).toEqual([
    { name: "linkedin" },
    { name: "website", format: "webp" },
    { name: "resume", format: "jpeg" },
  ]);
});

test("the option given twice adds up", () => {
  expect(readDeliveries("signature:png", readDeliveries("linkedin"))).toEqual([
    { name: "linkedin" },
    { name: "signature", format: "png" },
  ]);
});

test.each(["facebook", "linkedin:gif", "", "linkedin,", "linkedin:png:webp"])(
  "%j is refused with what there is",
  (text) => {
    expect(() => readDeliveries(text)).toThrow(/Take linkedin, website, resume, signature, speaker, team-page/);
  },
);
