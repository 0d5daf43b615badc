// A minimal script: lists the photos and processes them in a pool of promises.
import type { ObjectInfo } from "@darkroom/core";
import { answer } from "../attached.ts";
import { createPlainEnhancer, type PlainRun } from "./enhance-plainly.ts";

const enhancer = createPlainEnhancer(process.env);
const concurrency = Number(process.env["DARKROOM_LANE_CONCURRENCY"]);

answer("run", async ({ run, sourceUrl, destinationUrl }: PlainRun) => {
  const [source, destination] = [enhancer.open(sourceUrl), enhancer.open(destinationUrl)];
  const photos: ObjectInfo[] = [];
  for await (const photo of source.list()) photos.push(photo);
  let done = 0;
  const one = async (): Promise<void> => {
    for (let photo = photos.pop(); photo !== undefined; photo = photos.pop()) {
      await enhancer.enhance(source, destination, photo, run);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  return done;
});
process.on("SIGTERM", () => process.exit(0));
// Keeps the process alive until the parent ends it.
setInterval(() => undefined, 60_000);
console.log("ready");
