import { expect, test } from "vitest";
import { readDeliveries } from "./delivery-option.ts";

test("accepts a list of deliveries, each with its format if it is not JPEG", () => {
  expect(readDeliveries("linkedin, website:webp,resume:jpg")).toEqual([
    { name: "linkedin" },
    { name: "website", format: "webp" },
    { name: "resume", format: "jpeg" },
  ]);
});

test("accumulates when the option is repeated", () => {
  expect(readDeliveries("signature:png", readDeliveries("linkedin"))).toEqual([
    { name: "linkedin" },
    { name: "signature", format: "png" },
  ]);
});

test.each(["facebook", "linkedin:gif", "", "linkedin,", "linkedin:png:webp"])(
  "rejects %j with the valid choices",
  (text) => {
    expect(() => readDeliveries(text)).toThrow(/Use linkedin, website, resume, signature, speaker, team-page/);
  },
);
