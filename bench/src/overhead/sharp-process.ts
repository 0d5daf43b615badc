// The minimal work of a script per picture: reads the photo, calls the provider, fetches the result, decodes both once,
// compares them, measures the result and writes it. No queue, ledger, metadata or repair.
import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { Agent, request } from "undici";
import { readEngineSettings } from "@darkroom/config";
import { convertPicture, planPicture, probePicture } from "@darkroom/imaging";
import { createEachSense } from "@darkroom/provider-each-sense";
import { answer } from "../attached.ts";
import type { PlainRun } from "./enhance-plainly.ts";

const SMALL_PX = 256;

sharp.concurrency(1);
sharp.cache(false);
const concurrency = Number(process.env["DARKROOM_LANE_CONCURRENCY"]);
const { providers, timing } = readEngineSettings(process.env);
const [account] = providers.accounts;
if (account === undefined) throw new Error("no provider is set up");
const { apiKey, baseUrl } = account;
const provider = createEachSense({ apiKey, ...(baseUrl === undefined ? {} : { baseUrl }) });
const agent = new Agent({ allowH2: false, connections: null });

/** Decodes a picture and scales it down. */
async function small(bytes: Uint8Array): Promise<Uint8Array> {
  const picture = sharp(bytes, { failOn: "error" }).autoOrient().flatten({ background: "#ffffff" });
  return await picture
    .resize({ width: SMALL_PX, height: SMALL_PX, fit: "fill" })
    .toColourspace("srgb")
    .raw()
    .toBuffer();
}

function differenceOf(before: Uint8Array, after: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < before.length; at += 1) sum += Math.abs((before[at] ?? 0) - (after[at] ?? 0));
  return sum / before.length;
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, "wx");
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

async function enhance(path: string, destination: string, run: string): Promise<void> {
  const original = await readFile(path);
  const etag = createHash("sha256").update(original).digest("hex");
  const probe = await probePicture(original, original.length);
  if (probe.kind !== "picture") throw new Error(`${path} is no picture`);
  const plan = planPicture(probe, provider.accepts);
  let photo: Uint8Array = original;
  if (plan.kind !== "as-is") {
    if (plan.kind !== "convert") throw new Error(`${path} cannot be sent`);
    const converted = await convertPicture(original, plan, provider.accepts);
    if (!converted.ok) throw new Error(`${path}: ${converted.message}`);
    photo = converted.bytes;
    await writeFile(`${destination}.sent`, photo);
  }
  const session = `${run}-${etag}`;
  const answered = await provider.enhance(
    { sessionId: session, prompt: "Retouch", mode: "eco", imageUrl: `http://127.0.0.1:1/${etag}` },
    { onOutput: () => Promise.resolve(), onProgress: () => undefined },
    { deadlineMs: timing.deadlineMs, idleMs: timing.idleMs, signal: new AbortController().signal },
  );
  if (answered.kind !== "output") throw new Error(`${path}: ${answered.kind}`);
  const fetched = await request(answered.url, { dispatcher: agent });
  const result = Buffer.from(await fetched.body.arrayBuffer());
  // Darkroom does not decode a converted photo again either.
  const before = photo === original ? await small(photo) : undefined;
  const after = await small(result);
  const pixels = sharp(after, { raw: { width: SMALL_PX, height: SMALL_PX, channels: 3 } });
  const { channels } = await pixels.stats();
  if ((before !== undefined && differenceOf(before, after) === 0) || channels.every(({ stdev }) => stdev === 0))
    throw new Error(path);
  createHash("sha256").update(result).digest("hex");
  await write(destination, result);
  await provider.forget(session, AbortSignal.timeout(10_000));
}

answer("run", async ({ run, sourceUrl, destinationUrl }: PlainRun) => {
  const [from, to] = [fileURLToPath(sourceUrl), fileURLToPath(destinationUrl)];
  await mkdir(to, { recursive: true });
  const names = await readdir(from);
  let done = 0;
  const one = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await enhance(join(from, name), join(to, `${name.slice(0, -extname(name).length)}.out`), run);
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
