import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BatchSource, ManifestSources, OpenStore, SnapshotRow } from "@darkroom/core";
import { openStores } from "@darkroom/storage";
import { tempFolder } from "@darkroom/testkit";
import { readSource, type ReadSourceOptions } from "../src/index.ts";

export interface Fixture extends AsyncDisposable {
  /** With a trailing slash. */
  readonly url: string;
  readonly open: OpenStore;
  write(name: string, content: string | Uint8Array): Promise<void>;
}

/** Creates a private folder, with the real stores for it. */
export async function fixture(): Promise<Fixture> {
  const folder = await tempFolder();
  const stores = openStores({ s3: {}, local: { roots: [folder.path], linkSecret: "test" } });
  return {
    url: `${pathToFileURL(folder.path).href}/`,
    open: stores.open,
    async write(name, content) {
      const path = join(folder.path, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    },
    async [Symbol.asyncDispose]() {
      await stores.close();
      await folder.remove();
    },
  };
}

export type Wishes = Partial<Omit<ReadSourceOptions, "source" | "openStore">> & {
  readonly template?: string | undefined;
};

/** Reads all rows of a source. Skips bad rows of a manifest unless the options disagree. */
export async function rowsOf(
  open: OpenStore,
  source: BatchSource,
  { template, ...wishes }: Wishes = {},
): Promise<SnapshotRow[]> {
  const rows: SnapshotRow[] = [];
  const stream = readSource({
    source: source.kind === "manifest" ? { skipBadRows: true, ...source } : source,
    destination: { template },
    output: { format: "source" },
    openStore: open,
    ...wishes,
  });
  for await (const batch of stream) rows.push(...batch);
  return rows;
}

/** Reads the rows of a manifest with this content, whose photos are in `s3://team/photos/`. */
export async function manifestRows(
  format: "csv" | "jsonl",
  content: string | Uint8Array,
  wishes: Wishes & {
    readonly baseUrl?: string;
    readonly manifestSources?: ManifestSources;
    readonly skipBadRows?: boolean;
  } = {},
): Promise<SnapshotRow[]> {
  await using folder = await fixture();
  const { baseUrl = "s3://team/photos/", manifestSources = [], skipBadRows = true, ...rest } = wishes;
  await folder.write(`team.${format}`, content);
  const url = `${folder.url}team.${format}`;
  const source = { kind: "manifest", url, format, baseUrl, manifestSources, skipBadRows } as const;
  return await rowsOf(folder.open, source, rest);
}
