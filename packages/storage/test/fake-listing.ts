import type { ListedPage, PageStart } from "../src/s3-pages.ts";

export function byBytes(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** How a store interprets `StartAfter`. `inclusive` and `ignored` imitate stores other than Amazon S3. */
export type StartSemantics = "exclusive" | "inclusive" | "ignored";

/** Returns the pages of a store with these sorted keys. Keys that end with a slash are folder placeholders. */
export class FakeListing {
  readonly keys: readonly string[];
  readonly pageKeys: number;
  readonly start: StartSemantics;
  requests = 0;

  constructor(keys: readonly string[], pageKeys: number, start: StartSemantics = "exclusive") {
    this.keys = keys;
    this.pageKeys = pageKeys;
    this.start = start;
  }

  load(start: PageStart): ListedPage {
    this.requests += 1;
    const from = "token" in start ? Number(start.token) : this.#placeOf(start.after);
    const keys = this.keys.slice(from, from + this.pageKeys);
    const end = from + keys.length;
    const objects = keys
      .filter((key) => !key.endsWith("/"))
      .map((key) => ({ key, sizeBytes: 1, etag: "e", modifiedAt: 0 }));
    return { keys, objects, next: end < this.keys.length ? { token: String(end) } : undefined };
  }

  #placeOf(after: string | undefined): number {
    if (after === undefined || this.start === "ignored") return 0;
    const bytes = Buffer.from(after);
    const least = this.start === "inclusive" ? 0 : 1;
    let [low, high] = [0, this.keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Buffer.compare(Buffer.from(this.keys[middle] ?? ""), bytes) >= least) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
