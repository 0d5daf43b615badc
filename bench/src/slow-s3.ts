import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

const PAGE_KEYS = 1_000;

export interface SlowS3 {
  readonly url: string;
  /** Number of requests answered so far. */
  requests(): number;
  close(): Promise<void>;
}

/** Starts a server that only lists one bucket with these sorted ASCII keys. Each page takes `latencyMs`. */
export async function startSlowS3(keys: readonly string[], latencyMs: number): Promise<SlowS3> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const query = new URL(request.url ?? "/", "http://localhost").searchParams;
    const token = query.get("continuation-token");
    const from = token === null ? firstAfter(keys, query.get("start-after")) : Number(token);
    const page = keys.slice(from, from + PAGE_KEYS);
    const end = from + page.length;
    void setTimeout(latencyMs).then(() => {
      response
        .writeHead(200, { "content-type": "application/xml" })
        .end(pageXml(page, end < keys.length ? end : undefined));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function firstAfter(keys: readonly string[], after: string | null): number {
  if (after === null) return 0;
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? "") > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

function pageXml(keys: readonly string[], next: number | undefined): string {
  const rest = next === undefined ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`;
  const contents = keys.map(
    (key) =>
      `<Contents><Key>${key}</Key><LastModified>2026-11-30T10:00:00.000Z</LastModified><ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag><Size>123456</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><EncodingType>url</EncodingType><KeyCount>${keys.length}</KeyCount><IsTruncated>${next !== undefined}</IsTruncated>${rest}${contents.join("")}</ListBucketResult>`;
}
