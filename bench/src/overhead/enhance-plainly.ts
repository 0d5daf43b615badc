import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { Agent, request } from "undici";
import { readEngineSettings } from "@darkroom/config";
import {
  buildPrompt,
  canonicalJson,
  fingerprint,
  formatOfKey,
  recipeInputSchema,
  resolveRecipe,
  type ObjectInfo,
  type ObjectStore,
} from "@darkroom/core";
import { finishResult, lookAtSource, pictureStats, planPicture, probePicture } from "@darkroom/imaging";
import { createEachSense } from "@darkroom/provider-each-sense";
import { openStores } from "@darkroom/storage";

const FIRST_BYTES = 64 * 1_024;

export interface PlainRun {
  /** Prefix of this run's sessions. */
  readonly run: string;
  readonly sourceUrl: string;
  readonly destinationUrl: string;
}

/** The simplest code without queue and ledger: the same adapter, store, checks and writes, for one photo at a time. */
export function createPlainEnhancer(environment: Readonly<Record<string, string | undefined>>) {
  const settings = readEngineSettings(environment);
  const stores = openStores({ s3: settings.s3, local: settings.local });
  const [account] = settings.providers.accounts;
  if (account === undefined) throw new Error("no provider is set up");
  const { apiKey, baseUrl } = account;
  const provider = createEachSense({ apiKey, ...(baseUrl === undefined ? {} : { baseUrl }) });
  const agent = new Agent({ allowH2: false, connections: null });
  const recipe = resolveRecipe(recipeInputSchema.parse({ preset: "professional-polish", mode: "eco" }));

  async function enhance(
    source: ObjectStore,
    destination: ObjectStore,
    { key, etag, sizeBytes }: Pick<ObjectInfo, "key" | "etag" | "sizeBytes">,
    run: string,
  ): Promise<void> {
    const print = fingerprint({ etag, sizeBytes }, recipe);
    const delivered = await destination.head(key);
    if (delivered?.metadata["darkroom-fingerprint"] === print) return;
    const { info, body } = await source.get(key, { range: { start: 0, end: FIRST_BYTES - 1 } });
    const chunks: Buffer[] = [];
    for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
    const first = Buffer.concat(chunks);
    const probe = await probePicture(first, info.sizeBytes);
    if (probe.kind !== "picture" || planPicture(probe, provider.accepts).kind !== "as-is") {
      throw new Error(`${key} is not a picture for this provider`);
    }
    const imageUrl = await source.link(key, { expiresInSeconds: settings.timing.deadlineMs / 1_000 });
    const session = `plain-${run}-${key}`;
    const answer = await provider.enhance(
      { sessionId: session, prompt: buildPrompt(recipe, 0), mode: recipe.mode, imageUrl },
      { onOutput: () => Promise.resolve(), onProgress: () => undefined },
      {
        deadlineMs: settings.timing.deadlineMs,
        idleMs: settings.timing.idleMs,
        signal: new AbortController().signal,
      },
    );
    if (answer.kind !== "output") throw new Error(`${key}: ${answer.kind}`);
    const fetched = await request(answer.url, { dispatcher: agent });
    const resultBytes = Buffer.from(await fetched.body.arrayBuffer());
    if (resultBytes.length === info.sizeBytes && resultBytes.subarray(0, first.length).equals(first)) {
      await provider.forget(session, AbortSignal.timeout(10_000));
      return;
    }
    const look = await lookAtSource(await buffer((await source.get(key)).body));
    const finished = await finishResult({
      resultBytes,
      source: look ?? { width: probe.width, height: probe.height },
      wishedFormat: formatOfKey(key),
      measure: true,
    });
    if (!finished.ok) throw new Error(`${key}: ${finished.message}`);
    if (finished.stats === undefined) await pictureStats(finished.bytes);
    await destination.put(key, finished.bytes, {
      contentType: finished.contentType,
      metadata: {
        "darkroom-fingerprint": print,
        "darkroom-batch": run,
        "darkroom-portrait": key,
        "darkroom-provider": provider.name,
        "darkroom-recipe": createHash("sha256").update(canonicalJson(recipe)).digest("hex").slice(0, 16),
        "darkroom-sha256": createHash("sha256").update(finished.bytes).digest("hex"),
      },
    });
    await provider.forget(session, AbortSignal.timeout(10_000));
  }

  return {
    open: stores.open,
    enhance,
    close: async () => {
      await Promise.all([provider.close(), agent.close(), stores.close()]);
    },
  };
}
