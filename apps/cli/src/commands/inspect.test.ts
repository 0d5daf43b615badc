import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RESULT_METADATA, sha256 } from "@darkroom/core";
import { finishResult } from "@darkroom/imaging";
import { portrait } from "@darkroom/imaging/test-pictures";
import { openStores, toStoreUrl } from "@darkroom/storage";
import { runCommand } from "../test-kit/test-command.ts";

const MADE_WITH_AI = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "darkroom-inspect-"));
  const made = await finishResult({
    resultBytes: await (await portrait()).jpeg().toBuffer(),
    wishedFormat: "jpeg",
  });
  if (!made.ok) throw new Error(made.message);
  const stores = openStores({ s3: {}, local: { roots: [folder], linkSecret: "" } });
  await stores.open(toStoreUrl("results", folder)).put("ä 1.jpg", Buffer.from(made.bytes), {
    metadata: {
      [RESULT_METADATA.batch]: "b_1",
      [RESULT_METADATA.portrait]: "7",
      [RESULT_METADATA.provider]: "each-sense",
      [RESULT_METADATA.recipe]: "r1",
      [RESULT_METADATA.fingerprint]: "f1",
      [RESULT_METADATA.sha256]: sha256(made.bytes),
      [RESULT_METADATA.c2pa]: "lost",
    },
  });
  await stores.close();
});
afterAll(async () => await rm(folder, { recursive: true }));

const inspect = async (...args: string[]) => await runCommand(["inspect", ...args], { cwd: folder });

it("shows what a result says about how it was made, as text and as JSON", async () => {
  const { out } = await inspect("results/ä 1.jpg");
  expect(out).toMatch(/^C2PA manifest +none: the provider's was lost/m);
  expect(out).toMatch(/^made with AI +http:.*compositeWithTrainedAlgorithmicMedia$/m);
  expect(out).toMatch(/^portrait +7 of b_1$/m);
  expect(JSON.parse((await inspect("results/ä 1.jpg", "--json")).out)).toMatchObject({
    hasC2paManifest: false,
    digitalSourceType: MADE_WITH_AI,
    result: { batch: "b_1", index: 7, part: null, provider: "each-sense", c2pa: "lost", isUnchanged: true },
  });
});

it("says that a copy has no mark of Darkroom, and a photo none of AI", async () => {
  await writeFile(join(folder, "copy.jpg"), await readFile(join(folder, "results/ä 1.jpg")));
  expect((await inspect("copy.jpg")).out).toMatch(/^Darkroom +no mark beside the file/m);
  await writeFile(join(folder, "photo.jpg"), await (await portrait()).jpeg().toBuffer());
  expect((await inspect("photo.jpg")).out).toMatch(/^made with AI +the file does not say so$/m);
});

it("names a file that is not there", async () => {
  const { code, err } = await inspect("nobody.jpg");
  expect(code).not.toBe(0);
  expect(err).toContain("nobody.jpg");
});
