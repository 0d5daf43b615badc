import { quoteSubmission } from "@darkroom/intake";
import { submissionSchema } from "@darkroom/core";
import { laneNames, laneProviders, limitsOfLane } from "@darkroom/config";
import { testS3 } from "@darkroom/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";

const FAULTS: Readonly<Record<string, readonly [status: number, code: string, words: string]>> = {
  glacier: [403, "InvalidObjectState", "The operation is not valid for the object's storage class"],
  ssec: [400, "InvalidRequest", "The object was stored using a form of Server Side Encryption."],
  kms: [400, "KMS.DisabledException", "arn:aws:kms:eu-central-1:0:key/1111 is disabled."],
  teapot: [418, "TeapotException", "This one is a teapot."],
  busy: [503, "SlowDown", "Please reduce your request rate."],
};

let engine: Engine | undefined;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await engine?.close();
  engine = undefined;
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Starts an S3 server that refuses to return objects named after a fault. */
async function startRefusingS3(): Promise<string> {
  const front = await startHttpFront(testS3().endpoint, {
    answers: ({ method, url = "" }, response) => {
      const name = /\/in\/(\w+)\.jpg/.exec(url)?.[1] ?? "";
      const [status, code, words] = FAULTS[name] ?? [];
      if (method !== "GET" || status === undefined) return false;
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${words}</Message></Error>`);
      return true;
    },
  });
  stops.push(() => front.close());
  return front.url;
}

describe("objects that the store refuses to return", () => {
  const names =
    (...all: string[]) =>
    (index: number) =>
      `${all[index]}.jpg`;

  it("are each reported with the store's own message, and the others are enhanced", async () => {
    engine = await startEngine({ store: "s3", env: { AWS_ENDPOINT_URL_S3: await startRefusingS3() } });
    await engine.addPhotos(5, names("fine", "glacier", "kms", "ssec", "teapot"));
    const id = await engine.submit();
    await engine.ended(id);
    const lines = new Map((await engine.report(id)).map((line) => [line.id, line]));
    const of = (name: string) => [...lines.values()].find((line) => String(line["source"]).includes(name));
    expect(of("fine")).toMatchObject({ outcome: "ok" });
    const words = {
      glacier: /restore it first/,
      kms: /key\/1111 is disabled/,
      ssec: /Server Side Encryption/,
      teapot: /This one is a teapot/,
    };
    for (const [name, sentence] of Object.entries(words)) {
      expect(of(name)).toMatchObject({
        outcome: "source_unreadable",
        billed: "no",
        message: expect.stringMatching(sentence),
      });
    }
    expect(engine.twin.ledger().billed).toBe(1);
  });

  it("are counted in a quote with their reasons, including an object of a busy store", async () => {
    engine = await startEngine({ store: "s3", env: { AWS_ENDPOINT_URL_S3: await startRefusingS3() }, workers: 0 });
    await engine.addPhotos(3, names("fine", "glacier", "busy"));
    const { root, settings, openStore } = engine;
    const submission = submissionSchema.parse({
      source: `${root}in/`,
      destination: `${root}out/`,
      recipe: { preset: "professional-polish", mode: "eco" },
    });
    const quote = await quoteSubmission(submission, {
      openStore,
      lanes: laneNames(settings),
      laneProviders: laneProviders(settings),
      prices: settings.providers.prices,
      laneLimits: (lane) => limitsOfLane(settings, lane),
      lookInside: async () => ({}),
    });
    expect(quote).toMatchObject({ goodRows: 3, sample: { looked: 3, unreadable: 2 } });
    expect(quote.sample.unreadableExamples).toMatchObject([
      { source: "busy.jpg", message: expect.stringContaining("Please reduce your request rate") },
      { source: "glacier.jpg", message: expect.stringContaining("restore it first") },
    ]);
  });
});
