import { expect, it } from "vitest";
import { takenByPhoto } from "./taken-name.ts";

it.each([
  ["M\u00fcller.jpg", "Mu\u0308ller.jpg", true],
  ["Anna.heic", "Anna.jpg", false],
])("says of %j and %j that only the encoding differs: %s", (photo, earlier, isAlike) => {
  const taken = { destination: "out.jpg", extra: undefined, index: 0 } as Parameters<typeof takenByPhoto>[0];
  const { message } = takenByPhoto(taken, { photo, earlier, isPlain: true });
  expect(message.includes("only the Unicode encoding of their accents differs")).toBe(isAlike);
});
