import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { FaceFinder } from "@darkroom/faces";
import { portrait } from "@darkroom/imaging/test-pictures";
import { lookAtFaces } from "./look-at-faces.ts";

const EXAMPLES = new URL("../../../../examples/photos/", import.meta.url);
const photo = async (name: string): Promise<Buffer> => await readFile(new URL(name, EXAMPLES));

test("a quote learns what is unusual in a photo, and who is the same, without seeing a description", async () => {
  const finder = new FaceFinder({ enabled: true, onUnavailable: () => undefined });
  try {
    const look = lookAtFaces(finder);
    const again = await (await portrait()).jpeg().toBuffer();
    const headless = await (await portrait()).extract({ left: 0, top: 200, width: 300, height: 200 }).jpeg().toBuffer();
    const seen = [];
    for (const bytes of [await photo("astronaut.png"), again, await photo("grace_hopper.jpg"), headless])
      seen.push(await look(() => Promise.resolve(bytes)));
    const [one, same, other, none] = seen;
    if (one === undefined || same === undefined || other === undefined || none === undefined)
      throw new Error("not all photos were searched");
    expect(seen.map((each) => each?.warnings)).toEqual([[], [], [], ["no_face"]]);
    expect([one.isSamePerson(same), one.isSamePerson(other), one.isSamePerson(none)]).toEqual([true, false, false]);
    expect(Object.keys(one)).toEqual(["warnings", "isSamePerson"]);
  } finally {
    await finder.close();
  }
});

test("a quote learns nothing where faces are off", async () => {
  const look = lookAtFaces(new FaceFinder({ enabled: false, onUnavailable: () => undefined }));
  expect(await look(() => Promise.reject(new Error("it was read")))).toBeUndefined();
});
