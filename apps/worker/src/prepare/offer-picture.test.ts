import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type BatchSpec,
  type Call,
  type ObjectStore,
  attemptsOf,
  batchKeys,
  isPaid,
  presentCalls,
} from "@darkroom/core";
import { FaceFinder } from "@darkroom/faces";
import { MemoryBudget, workBytes } from "@darkroom/imaging";
import { heic, portrait } from "@darkroom/imaging/test-pictures";
import type { AcceptedInput, Provider, UploadAnswer, UploadRequest } from "@darkroom/provider-kit";
import { openStores, type Stores } from "@darkroom/storage";
import { tempFolder, type TempFolder } from "@darkroom/testkit";
import { RemoteSources } from "@darkroom/web-fetch";
import type { LaneContext, WorkerContext } from "../run/worker-context.ts";
import type { Claim } from "../run/claim.ts";
import { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded, type RunEnding } from "../run/run-ending.ts";
import { offerPicture, type OfferedPhoto } from "./offer-picture.ts";
import type { Offer } from "./prepared.ts";
import { planPhoto } from "./plan-photo.ts";
import type { PhotoPlace } from "@darkroom/manifest";
import { openPhoto } from "./source-photo.ts";

const ACCEPTS: AcceptedInput = {
  contentTypes: ["image/jpeg", "image/png"],
  maxBytes: 20_000_000,
  minSidePx: 64,
  maxSidePx: 8_192,
  by: ["url"],
};
const KEY = batchKeys("b").input(0, "x", "jpg");

let folder: TempFolder;
let stores: Stores;
let store: ObjectStore;
let linkBaseUrl: string | undefined;
let host: Server | undefined;
const remoteSources = new RemoteSources({ allowPrivate: true });
afterAll(async () => await remoteSources.close());
beforeEach(async () => {
  folder = await tempFolder();
  linkBaseUrl = undefined;
  const local = { roots: [folder.path], linkSecret: "a secret of this test", linkBaseUrl: () => linkBaseUrl };
  stores = openStores({ s3: {}, local });
  store = stores.open(pathToFileURL(`${folder.path}/`).href);
});
afterEach(async () => {
  host?.closeAllConnections();
  host?.close();
  host = undefined;
  await stores.close();
  await folder.remove();
});

interface Scene {
  readonly by: AcceptedInput["by"];
  readonly upload?: (request: UploadRequest) => UploadAnswer;
  /** Consecutive failures in the lane, including this one. Defaults to one. */
  readonly failed?: number | "outage";
}

/** Offers the photo at this place or key to such a provider, and returns the side effects as well. */
async function offered(at: string | URL, { by, upload, failed = 1 }: Scene) {
  const held: number[] = [];
  const budget = new MemoryBudget(100_000_000);
  const controller = new AbortController();
  const { signal } = controller;
  const timing = {
    deadlineMs: 600_000,
    retryAfterCapMs: 600_000,
    attempts: 5,
    backoff: { baseMs: 100, capMs: 400 },
    lookMs: 100,
    idleMs: 1_000,
  };
  const log = { debug: () => undefined };
  const faces = new FaceFinder({ enabled: false, onUnavailable: () => undefined });
  const context = {
    pictureMemory: budget,
    timing,
    log,
    remoteSources,
    faces,
    random: () => 0.5,
  } as unknown as WorkerContext;
  const provider = {
    name: "each-sense",
    remembers: true,
    accepts: { ...ACCEPTS, by },
    ...(upload === undefined ? {} : { upload: (request: UploadRequest) => Promise.resolve(upload(request)) }),
  } as unknown as Provider;
  const gate = { hold: (ms: number) => Promise.resolve(held.push(ms)), failed: () => Promise.resolve(failed) };
  const outage = { failures: 10, windowMs: 60_000 };
  const lane = { provider, gate, outage, concurrency: 5 } as unknown as LaneContext;
  const claim = { spec: { id: "b" } as BatchSpec, recipe: {}, index: 0, token: "t" } as Claim;
  const place: PhotoPlace = at instanceof URL ? at : { store, key: at };
  const source = await openPhoto(context, place, signal);
  const { plan, probe } = await planPhoto(context, provider, source, signal);
  if (plan.kind === "refuse" || probe.kind !== "picture") throw new Error("it is refused");
  const photo: OfferedPhoto = {
    place,
    identity: { etag: source.etag, sizeBytes: source.sizeBytes },
    plan,
    sizeBytes: source.sizeBytes,
    hasPlainLink: source.hasPlainLink,
    contentType: probe.contentType,
    longerSidePx: Math.max(probe.width, probe.height),
    workBytes: workBytes(probe),
    destination: store,
    inputKeys: plan.kind === "convert" ? { "image/jpeg": KEY } : {},
  };
  const run = new PortraitRun({ context, lane, claim, controller, timing });
  const give = () => offerPicture(run, photo);
  return { give, run, budget, held };
}

type Offered = Awaited<ReturnType<typeof offered>>;

async function bytesOf({ imageBytes }: Offer): Promise<Buffer> {
  if (imageBytes === undefined) throw new Error("it was not offered as bytes");
  const bytes = Buffer.concat(await (await imageBytes.open()).toArray());
  expect(bytes.length).toBe(imageBytes.sizeBytes);
  return bytes;
}

/** Returns how the run ends, and its receipt. */
async function endingOf({
  give,
  run,
}: Pick<Offered, "give" | "run">): Promise<RunEnding & { attempts: number; paid: boolean; present: readonly Call[] }> {
  const thrown: unknown = await give().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof RunEnded)) throw new Error(`the run was not ended: ${String(thrown)}`);
  const { receipt } = run;
  return {
    ...thrown.ending,
    attempts: attemptsOf(receipt),
    paid: isPaid(receipt),
    present: presentCalls(receipt),
  };
}

const putPlain = async (): Promise<Buffer> => {
  const bytes = await (await portrait()).jpeg().toBuffer();
  await store.put("plain.jpg", bytes);
  return bytes;
};

describe("a picture of the web", () => {
  let bytes: Buffer;
  const answers: Readonly<Record<string, RequestListener>> = {
    "/plain.jpg": (_, response) => void response.end(bytes),
    "/moved.jpg": (_, response) => void response.writeHead(302, { location: "/plain.jpg" }).end(),
    "/gzip.jpg": (_, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(bytes)),
  };
  const linkTo = async (path: string): Promise<URL> => {
    bytes = await (await portrait()).jpeg().toBuffer();
    host = createServer((request, response) => answers[request.url ?? ""]?.(request, response)).listen(0, "127.0.0.1");
    await once(host, "listening");
    return new URL(path, `http://127.0.0.1:${(host.address() as AddressInfo).port}`);
  };

  it("is sent by its own link", async () => {
    const link = await linkTo("/plain.jpg");
    const { give } = await offered(link, { by: ["url", "bytes"] });
    expect(await give()).toEqual({ imageUrl: link.href });
  });

  it.each(["/moved.jpg", "/gzip.jpg"])("is sent itself if a provider might fail at its link: %s", async (path) => {
    const link = await linkTo(path);
    const taken: UploadRequest[] = [];
    const upload = (request: UploadRequest): UploadAnswer => {
      taken.push(request);
      return { kind: "uploaded", url: "https://cdn.test/p", expiresAt: 1 };
    };
    expect(await (await offered(link, { by: ["url"], upload })).give()).toEqual({ imageUrl: "https://cdn.test/p" });
    expect(Buffer.from(taken[0]?.bytes ?? []).equals(bytes)).toBe(true);
    const inline = await offered(link, { by: ["url", "bytes"] });
    expect((await bytesOf(await inline.give())).equals(bytes)).toBe(true);
    expect(await (await offered(link, { by: ["url"] })).give()).toEqual({ imageUrl: link.href });
  });
});

describe("a picture that needs no conversion", () => {
  it("is sent by link if the store has one", async () => {
    await putPlain();
    linkBaseUrl = "https://studio.test";
    const { give } = await offered("plain.jpg", { by: ["url", "bytes"] });
    expect((await give()).imageUrl).toMatch(/^https:\/\/studio\.test\/files\/.+\/plain\.jpg$/);
  });

  it("is stored briefly in the provider's storage if there is no link", async () => {
    const bytes = await putPlain();
    const taken: UploadRequest[] = [];
    const { give, budget } = await offered("plain.jpg", {
      by: ["url", "bytes"],
      upload: (request) => {
        taken.push(request);
        expect(budget.usedBytes).toBeGreaterThanOrEqual(bytes.length);
        return { kind: "uploaded", url: "https://cdn.test/p", expiresAt: 1 };
      },
    });
    expect(await give()).toEqual({ imageUrl: "https://cdn.test/p" });
    expect(taken).toMatchObject([{ contentType: "image/jpeg", expiresInSeconds: 720 }]);
    expect(Buffer.from(taken[0]?.bytes ?? []).equals(bytes)).toBe(true);
    expect(budget.usedBytes).toBe(0);
  });

  it("is sent inside the request if nothing else works, however often it is opened", async () => {
    const bytes = await putPlain();
    const { give } = await offered("plain.jpg", { by: ["url", "bytes"] });
    const offer = await give();
    expect((await bytesOf(offer)).equals(bytes)).toBe(true);
    expect((await bytesOf(offer)).equals(bytes)).toBe(true);
  });

  it("ends the run with advice if the provider cannot get it in any way", async () => {
    await putPlain();
    const photo = await offered("plain.jpg", { by: ["url"] });
    expect(await endingOf(photo)).toMatchObject({
      kind: "settle",
      outcome: {
        code: "source_unreadable",
        billed: "no",
        message: expect.stringContaining("DARKROOM_PUBLIC_URL") as string,
      },
    });
  });
});

describe("a picture that must be converted", () => {
  it("is converted once for all calls, and sent by link", async () => {
    await store.put("phone.heic", await heic());
    linkBaseUrl = "https://studio.test";
    const { give } = await offered("phone.heic", { by: ["url"] });
    expect((await give()).imageUrl).toMatch(/\.jpg$/);
    const first = await store.head(KEY);
    await give();
    expect(await store.head(KEY)).toEqual(first);
    expect(first?.contentType).toBe("image/jpeg");
  });

  it("is sent inside the request from its stored copy", async () => {
    await store.put("phone.heic", await heic());
    const { give } = await offered("phone.heic", { by: ["bytes"] });
    expect(await sharp(await bytesOf(await give())).metadata()).toMatchObject({ format: "jpeg", width: 512 });
  });

  it("is stored nowhere if the provider's storage accepts it", async () => {
    await store.put("phone.heic", await heic());
    const upload = ({ contentType }: UploadRequest): UploadAnswer => ({
      kind: "uploaded",
      url: `https://cdn.test/${contentType}`,
      expiresAt: 1,
    });
    const { give } = await offered("phone.heic", { by: ["url"], upload });
    expect(await give()).toEqual({ imageUrl: "https://cdn.test/image/jpeg" });
    expect(await store.head(KEY)).toBeUndefined();
  });

  it("ends the run before anything is paid if it turns out to be damaged", async () => {
    await store.put("cut.heic", (await heic()).subarray(0, 30_000));
    linkBaseUrl = "https://studio.test";
    const photo = await offered("cut.heic", { by: ["url"] });
    expect(await endingOf(photo)).toMatchObject({ kind: "settle", outcome: { code: "invalid_image", billed: "no" } });
    expect(photo.budget.usedBytes).toBe(0);
  });
});

describe("the provider's storage says", () => {
  const message = "as the provider said";
  it.each<[string, UploadAnswer, object]>([
    [
      "that the balance is used up",
      { kind: "blocked", reason: "balance", message },
      { kind: "blocked", reason: "balance" },
    ],
    ["to wait", { kind: "throttled", retryAfterMs: 5_000, message }, { kind: "later", delayMs: 5_500, attempts: 0 }],
    [
      "that it does not take the picture",
      { kind: "refused", code: "too_large", message },
      { kind: "settle", outcome: { code: "too_large", billed: "no", message } },
    ],
    ["nothing", { kind: "failed", message }, { kind: "later", attempts: 1, paid: false }],
    [
      "nothing, as it cannot be reached",
      { kind: "failed", message, unreached: true },
      { kind: "later", reason: "provider_retry", message, attempts: 0, paid: false },
    ],
  ])("%s", async (_, answer, ending) => {
    await putPlain();
    const photo = await offered("plain.jpg", { by: ["url"], upload: () => answer });
    expect(await endingOf(photo)).toMatchObject(ending);
    expect(photo.held).toEqual(answer.kind === "throttled" ? [5_000] : []);
  });
});

describe("an upload that fails like the lane's current requests", () => {
  const message = "as the provider said";
  const blocked = { kind: "blocked", reason: "outage", message, attempts: 0 };
  const burnt = { kind: "later", attempts: 1 };
  it.each<[number | "outage", UploadAnswer & { kind: "failed" }, object]>([
    [9, { kind: "failed", message }, burnt],
    [10, { kind: "failed", message }, blocked],
    [10, { kind: "failed", message, unreached: true }, blocked],
    ["outage", { kind: "failed", message }, blocked],
    ["outage", { kind: "failed", message, unreached: true }, blocked],
    [10, { kind: "failed", message, ofPicture: true }, burnt],
    ["outage", { kind: "failed", message, ofPicture: true }, burnt],
  ])("(%s) with %o ends its run so", async (failed, answer, ending) => {
    await putPlain();
    const photo = await offered("plain.jpg", { by: ["url"], upload: () => answer, failed });
    expect(await endingOf(photo)).toMatchObject(ending);
  });
});

describe("a photo that was replaced since it was read", () => {
  it.each<[string, string, () => Promise<Buffer>, Scene]>([
    ["is not converted", "phone.heic", heic, { by: ["bytes"] }],
    ["is not uploaded", "plain.jpg", putPlain, { by: ["url"], upload: () => ({ kind: "failed", message: "it was" }) }],
  ])("%s: the portrait starts again", async (_, key, make, scene) => {
    await store.put(key, await make());
    const photo = await offered(key, scene);
    await store.put(key, await (await portrait()).negate().jpeg().toBuffer());
    expect(await endingOf(photo)).toMatchObject({ kind: "later", delayMs: 0, present: [] });
  });

  it("is not sent within the request", async () => {
    await putPlain();
    const { give } = await offered("plain.jpg", { by: ["bytes"] });
    const { imageBytes } = await give();
    await store.put("plain.jpg", await (await portrait()).negate().jpeg().toBuffer());
    await expect(imageBytes?.open()).rejects.toMatchObject({ code: "storage_unavailable", retryable: true });
  });
});
