import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { resolveRecipe, type Output } from "@darkroom/core";
import { openStores } from "@darkroom/storage";
import { tempFolder } from "@darkroom/testkit";
import { unstorableName } from "./unstorable-name.ts";

const folder = await tempFolder();
const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
afterAll(async () => {
  await stores.close();
  await folder.remove();
});

const LOCAL = pathToFileURL(`${folder.path}/`).href;
const S3 = `s3://studio/${"p".repeat(99)}/`;
const PLAIN: Output = resolveRecipe({ mode: "max", prompt: "x" }).output;
const TWO: Output = { ...PLAIN, variations: 2 };
const CUT: Output = { ...PLAIN, deliveries: [{ name: "linkedin" }] };

const named = (bytes: number): string => `${"a".repeat(bytes - 4)}.jpg`;
/** Returns a key of this many bytes, in folders with short names. */
const nested = (bytes: number): string => `${"b".repeat(199)}/`.repeat(4) + named(bytes - 800);

test.each([
  ["a name of 255 bytes in a folder", LOCAL, named(255), PLAIN, undefined],
  ["one of 256", LOCAL, named(256), PLAIN, /longer than 255 bytes/],
  ["255 characters of two bytes", LOCAL, `${"ä".repeat(126)}.jpg`, PLAIN, /longer than 255 bytes/],
  ["254 bytes with a second picture", LOCAL, named(254), TWO, /longer than 255 bytes/],
  ["253 bytes with a second picture", LOCAL, named(253), TWO, undefined],
  ["a name of 255 bytes with a cut", LOCAL, named(255), CUT, undefined],
  ["an S3 key of 1,024 bytes with its prefix", S3, nested(924), PLAIN, undefined],
  ["one of 1,025", S3, nested(925), PLAIN, /longer than 1024 bytes/],
  ["1,023 with a second picture", S3, nested(923), TWO, /longer than 1024 bytes/],
  ["1,020 with a cut", S3, nested(920), CUT, /longer than 1024 bytes/],
  ["a name of the store's own", LOCAL, ".darkroom-x.jpg", PLAIN, /are reserved/],
])("%s", (_, url, destination, output, refused) => {
  const why = unstorableName(stores.open(url), { index: 0, id: "anna", destination }, output);
  if (refused === undefined) expect(why).toBeUndefined();
  else expect(why).toMatch(refused);
});
