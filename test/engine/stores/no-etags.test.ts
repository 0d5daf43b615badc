import { request, type IncomingMessage } from "node:http";
import { afterEach, expect, it } from "vitest";
import { testS3 } from "@darkroom/testkit";
import { COLOURS, colourPhoto, madeFrom, type Colour } from "../kit/colour-photos.ts";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";

let engine: Engine;
let front: Awaited<ReturnType<typeof startHttpFront>>;
afterEach(async () => {
  await engine.close();
  await front.close();
});

/** Starts a real store whose responses are stripped of ETags. */
async function startWithoutEtags(): Promise<void> {
  const target = testS3().endpoint;
  const { hostname, port } = new URL(target);
  front = await startHttpFront(target, {
    answers: async (message, response) => {
      const { method, url: path, headers } = message;
      const onward = request({ hostname, port, method, path, headers });
      message.pipe(onward);
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        onward.once("response", resolve).once("error", reject);
      });
      const { etag: _, "content-length": lengthBefore, "transfer-encoding": __, ...kept } = answer.headers;
      const bytes = Buffer.concat(await answer.toArray());
      const isListing = kept["content-type"]?.includes("xml") === true;
      const body = isListing ? Buffer.from(bytes.toString().replaceAll(/<ETag>[^<]*<\/ETag>/g, "")) : bytes;
      const length = method === "HEAD" ? lengthBefore : body.length;
      response.writeHead(answer.statusCode ?? 502, {
        ...kept,
        ...(length === undefined ? {} : { "content-length": length }),
      });
      response.end(body);
      return true;
    },
  });
  engine = await startEngine({ store: "s3", twin: { work: "light" }, env: { AWS_ENDPOINT_URL_S3: front.url } });
}

async function putPhoto(colour: Colour): Promise<void> {
  const photo = await colourPhoto(colour);
  await engine.source.put("ana.jpg", Buffer.concat([photo, Buffer.alloc(8_192 - photo.length)]));
}

it(
  "a store without ETags distinguishes photos of one size, and recognizes a delivered one",
  { timeout: 60_000 },
  async () => {
    await startWithoutEtags();
    const [, , first, , , second] = COLOURS;
    if (first === undefined || second === undefined) throw new Error("no colours");
    await putPhoto(first);
    expect((await engine.source.head("ana.jpg"))?.etag).toBe("");
    const outcomes: unknown[] = [];
    for (const colour of [first, first, second]) {
      await putPhoto(colour);
      const batch = await engine.submit();
      await engine.ended(batch);
      outcomes.push(...(await engine.report(batch)).map(({ outcome }) => outcome));
      expect(await madeFrom(engine.results, "ana.jpg")).toEqual(colour);
    }
    expect(outcomes).toEqual(["ok", "already_delivered", "ok"]);
  },
);
