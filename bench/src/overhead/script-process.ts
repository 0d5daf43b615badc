// The throwaway script: lists the photos and takes them through a pool of promises.
import { answer } from "../attached.ts";
import { createPlainEnhancer, type PlainRun } from "./enhance-plainly.ts";

const enhancer = createPlainEnhancer(process.env);
const concurrency = Number(process.env["DARKROOM_LANE_CONCURRENCY"]);

answer("run", async ({ run, sourceUrl, destinationUrl }: PlainRun) => {
  const [source, destination] = [enhancer.open(sourceUrl), enhancer.open(destinationUrl)];
  const photos = source.list()[Symbol.asyncIterator]();
  let done = 0;
  const one = async (): Promise<void> => {
    for (let next = await photos.next(); next.done !== true; next = await photos.next()) {
      await enhancer.enhance(source, destination, next.value, run);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  return done;
});
process.on("SIGTERM", () => process.exit(0));
// Alive until it is told to end.
setInterval(() => undefined, 60_000);
console.log("ready");
