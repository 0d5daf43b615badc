import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { deliveredFiles } from "./delivered-files.ts";

it("lists the files of delivered portraits, and no file of the others", async () => {
  const lines = [
    { outcome: "ok", destination: "a.jpg", variations: ["a-2.jpg"], deliveries: ["website/a.jpg"] },
    { outcome: "invalid_image", destination: "ben.jpg", variations: [], deliveries: [], leftBehind: "earlier_photo" },
    { outcome: "already_delivered", destination: "-c d.jpg", variations: [], deliveries: [] },
    { outcome: "cancelled", destination: "e.jpg", variations: [], deliveries: [] },
  ];
  const report = Readable.from([lines.map((line) => `${JSON.stringify(line)}\n`).join("")]);
  const files: string[] = [];
  for await (const text of deliveredFiles(report)) files.push(text);
  expect(files.join("")).toBe("./a.jpg\n./a-2.jpg\n./website/a.jpg\n./-c d.jpg\n");
});
