import { join } from "node:path";
import { findOrStartS3, type S3Server } from "@darkroom/local-stack";
import { createS3Bucket } from "@darkroom/storage/s3-bucket";
import { atLeast, atMost, defineBenchmark, type Figure } from "../benchmark.ts";
import { writeSmallFiles } from "../input-files.ts";
import { onStage, type Stage } from "../stage.ts";

const BUCKET = "bench";
const INGEST_TIMEOUT_MS = 600_000;
const MIB = 1_048_576;

export const ingest = defineBenchmark({
  name: "ingest",
  title: "rows a second from a manifest into the snapshot, and the producer's peak memory",
  sizes: { rows: 1_000_000, keys: 100_000, s3: 1 },
  tinySizes: { rows: 3_000, keys: 1_500, s3: 0 },
  async run({ rows, keys, s3 }, say) {
    const figures: Figure[] = [];
    const notes = ["A producer as in its image, which also dispatches the window; no worker runs."];
    const manifest = (where: string, options: Partial<Parameters<typeof onStage>[0]>): Promise<void> =>
      onStage({ provider: "light", concurrency: 10, latencyMs: 0, ...options }, async (stage) => {
        say(`${rows} rows, ${where}`);
        const source = await stage.addTeamList("team.csv", rows);
        const { perSecond, peakBytes } = await measure(stage, source, rows);
        figures.push(
          { name: `rows of a CSV, ${where}`, value: perSecond, unit: "rows/s", target: atLeast(50_000) },
          { name: `the producer's peak RSS, ${where}`, value: peakBytes / MIB, unit: "MiB", target: atMost(250) },
        );
      });
    await manifest("local folder", {});
    if (s3 > 0) {
      const server = await bringS3(say);
      if ("unavailable" in server) notes.push(`S3 was not measured: ${server.unavailable}`);
      else {
        try {
          await createS3Bucket(server, BUCKET);
          await manifest("S3", { s3: { ...server, bucket: BUCKET } });
          notes.push(`S3: ${server.how}, on the same machine.`);
        } finally {
          await server.close();
        }
      }
    }
    if (keys > 0) {
      await onStage({ provider: "light", concurrency: 10, latencyMs: 0 }, async (stage) => {
        say(`a prefix of ${keys} keys`);
        await writeSmallFiles(join(stage.folder, "in"), keys);
        const { perSecond, peakBytes } = await measure(stage, `${stage.root}in/`, keys);
        figures.push(
          { name: "keys of a prefix, local folder (each file is hashed)", value: perSecond, unit: "keys/s" },
          { name: "the producer's peak RSS, prefix", value: peakBytes / MIB, unit: "MiB", target: atMost(250) },
        );
      });
    }
    return { figures, notes };
  },
});

async function bringS3(say: (line: string) => void): Promise<S3Server | { readonly unavailable: string }> {
  const { S3_TEST_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  return await findOrStartS3({
    ...(S3_TEST_ENDPOINT === undefined ? {} : { endpoint: S3_TEST_ENDPOINT }),
    ...(AWS_REGION === undefined ? {} : { region: AWS_REGION }),
    ...(AWS_ACCESS_KEY_ID === undefined ? {} : { accessKeyId: AWS_ACCESS_KEY_ID }),
    ...(AWS_SECRET_ACCESS_KEY === undefined ? {} : { secretAccessKey: AWS_SECRET_ACCESS_KEY }),
    log: say,
  });
}

async function measure(
  stage: Stage,
  source: string,
  rows: number,
): Promise<{ readonly perSecond: number; readonly peakBytes: number }> {
  const producer = await stage.startProducer();
  const startedAt = performance.now();
  const batch = await stage.submit({ source, ...(source.endsWith("/") ? {} : { baseUrl: `${stage.root}in/` }) });
  const { counts } = await stage.untilBatch(batch, "it is ingested", INGEST_TIMEOUT_MS, ({ ingested }) => ingested);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (counts.total !== rows || counts.failed > 0) throw new Error(`ingested: ${JSON.stringify(counts)}`);
  const { peakRssBytes } = await producer.usage();
  return { perSecond: rows / seconds, peakBytes: peakRssBytes };
}
