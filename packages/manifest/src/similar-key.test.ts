import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { openStores } from "@darkroom/storage";
import { tempFolder } from "@darkroom/testkit";
import { similarKey } from "./similar-key.ts";

it("finds the photo that a list almost names", async () => {
  const folder = await tempFolder();
  const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
  try {
    const store = stores.open(`${pathToFileURL(folder.path).href}/`);
    for (const name of ["Ada.JPG", "a.b.jpg", "cy.jpeg", "cy.txt", "dan.txt", "team/eve.png"]) {
      await store.put(name, Buffer.from("x"));
    }
    const found = async (key: string) => await similarKey(store, key);
    expect(await found("ada.jpg")).toBe("Ada.JPG");
    expect(await found("a.b")).toBe("a.b.jpg");
    expect(await found("a")).toBeUndefined();
    expect(await found("cy.jpg")).toBe("cy.jpeg");
    expect(await found("ada.jpeg")).toBe("Ada.JPG");
    expect(await found("dan")).toBeUndefined();
    expect(await found("team/Eve")).toBe("team/eve.png");
  } finally {
    await stores.close();
    await folder.remove();
  }
});
