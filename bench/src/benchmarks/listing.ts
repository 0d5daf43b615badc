import { openStores } from "@darkroom/storage";
import { atLeast, defineBenchmark, type Figure } from "../benchmark.ts";
import { startSlowS3, type SlowS3 } from "../slow-s3.ts";

const TOKEN = /<NextContinuationToken>(\d+)</;

const padded = (n: number): string => String(n).padStart(8, "0");
const inFolders = (folders: number) => (i: number, keys: number) =>
  `d${padded(Math.floor((i * folders) / keys))}/p${padded(i)}.jpg`;

const LAYOUTS: readonly (readonly [string, (i: number, keys: number) => string])[] = [
  ["flat", (i) => `p${padded(i)}.jpg`],
  ["8 folders", inFolders(8)],
  ["1,000 folders", inFolders(1_000)],
];

export const listing = defineBenchmark({
  name: "listing",
  title: "listing a slow bucket, against its pages one after the other",
  sizes: { keys: 200_000, latencyMs: 100 },
  tinySizes: { keys: 5_000, latencyMs: 2 },
  async run({ keys, latencyMs }, say) {
    const figures: Figure[] = [];
    for (const [name, keyOf] of LAYOUTS) {
      say(name);
      const store = await startSlowS3(
        Array.from({ length: keys }, (_, i) => keyOf(i, keys)),
        latencyMs,
      );
      try {
        const inTurn = await timed(keys, () => readInTurn(store));
        const before = store.requests();
        const ours = await timed(keys, () => readListing(store));
        const requests = store.requests() - before;
        figures.push(
          { name: `${name}: keys listed`, value: keys / ours, unit: "keys/s" },
          { name: `${name}: pages one after the other`, value: keys / inTurn, unit: "keys/s" },
          { name: `${name}: gain`, value: inTurn / ours, unit: "×", target: atLeast(5) },
          { name: `${name}: requests for each page`, value: requests / before, unit: "" },
        );
      } finally {
        await store.close();
      }
    }
    return {
      figures,
      notes: [
        `The store is a local server in the same process that answers each page after ${latencyMs} ms.`,
        "One after the other: plain requests whose XML is not read. Listed: the S3 store, which reads it, eight at a time.",
      ],
    };
  },
});

async function timed(keys: number, read: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  const count = await read();
  if (count !== keys) throw new Error(`${count} of ${keys} keys were listed`);
  return (performance.now() - startedAt) / 1_000;
}

async function readInTurn({ url }: SlowS3): Promise<number> {
  let count = 0;
  for (let token: string | undefined = ""; token !== undefined;) {
    const response = await fetch(`${url}/bench?list-type=2${token === "" ? "" : `&continuation-token=${token}`}`);
    const page = await response.text();
    count += page.split("<Key>").length - 1;
    token = TOKEN.exec(page)?.[1];
  }
  return count;
}

async function readListing({ url }: SlowS3): Promise<number> {
  const stores = openStores({
    s3: { endpoint: url, accessKeyId: "bench", secretAccessKey: "bench" },
    local: { roots: [], linkSecret: "a secret of the benchmarks" },
  });
  try {
    let count = 0;
    for await (const { key } of stores.open("s3://bench/").list()) if (key !== "") count += 1;
    return count;
  } finally {
    await stores.close();
  }
}
