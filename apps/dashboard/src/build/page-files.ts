import { promisify } from "node:util";
import { constants, brotliCompress, gzip } from "node:zlib";
import { extname } from "node:path";
import { bundle, digestOf } from "./bundle.ts";

/** A file of the page, ready to be served. */
export interface PageFile {
  readonly contentType: string;
  readonly etag: string;
  /** True if the path changes with the content, so that browsers may cache the file indefinitely. */
  readonly immutable: boolean;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
}

/** Path on the server → file. `/` is the document. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const TYPES: Readonly<Record<string, string>> = {
  "": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

const toGzip = promisify(gzip);
const toBrotli = promisify(brotliCompress);

let loading: Promise<PageFiles> | undefined;

/** Bundles and compresses the page at the first call. Later calls return the same files. */
export async function loadPage(): Promise<PageFiles> {
  loading ??= load();
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

async function load(): Promise<PageFiles> {
  const files = await bundle();
  return new Map(await Promise.all(files.map(async ({ path, body }) => [path, await compress(path, body)] as const)));
}

async function compress(path: string, plain: Buffer): Promise<PageFile> {
  const [zipped, brotli] = await Promise.all([
    toGzip(plain, { level: 9 }),
    toBrotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  ]);
  const contentType = TYPES[path === "/" ? "" : extname(path)] ?? "application/octet-stream";
  return { contentType, etag: digestOf(plain), immutable: path !== "/", plain, gzip: zipped, brotli };
}
