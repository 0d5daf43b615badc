/**
 * Submits a folder or prefix, waits for its end by events, and downloads the results:
 *
 *   node examples/enhance-folder.ts s3://studio/inbox/ s3://studio/done/ results
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bodyOf, followFeed, openApi, portraitsOf } from "../packages/client/src/index.ts";

const [source = "", destination = "", folder = "results"] = process.argv.slice(2);
const { DARKROOM_API_URL: url = "http://127.0.0.1:8080", DARKROOM_API_KEY: apiKey } = process.env;
const api = openApi({ url, apiKey });

const body = { source, destination, recipe: { preset: "professional-polish", mode: "eco" } } as const;
const header = { "Idempotency-Key": crypto.randomUUID() };
const { id } = await bodyOf(api.POST("/v1/batches", { params: { header }, body }));
for await (const message of followFeed({ url, apiKey, batchId: id })) {
  if (message.kind === "event") console.log(message.event.type, JSON.stringify(message.event.data));
}

for await (const { index, destination: name } of portraitsOf(api, id, { state: "succeeded" })) {
  const params = { path: { id, index: String(index) }, query: { of: "result" } } as const;
  const picture = api.GET("/v1/batches/{id}/portraits/{index}/picture", { params, parseAs: "arrayBuffer" });
  const path = join(folder, name ?? String(index));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, Buffer.from(await bodyOf(picture)));
}
