import { open, stat } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DarkroomError, type ManifestSources } from "@darkroom/core";
import { toObjectUrl, toStoreUrl } from "@darkroom/storage/urls";

/** The source and destination as typed. */
export interface TypedPlaces {
  readonly source: string;
  readonly destination: string;
  /** The base of a manifest's relative sources. */
  readonly base?: string | undefined;
  /** Other sources that the manifest's rows may name. */
  readonly manifestSources?: readonly string[] | undefined;
}

/** Where the processes that read and write these locations run. */
export interface PlaceRules {
  readonly cwd: string;
  /** True if the API sees this machine's folders. */
  readonly seesLocalFiles: boolean;
  /** True if local manifests must be uploaded. */
  readonly uploads: boolean;
}

/** The source and destination, as fields of a submission. */
export interface Places {
  /** Absent if {@link upload} replaces the source. */
  readonly source?: string;
  readonly baseUrl?: string;
  readonly manifestSources?: ManifestSources;
  readonly destination: string;
  /** Absolute path of a local manifest to upload. */
  readonly upload?: string;
}

/** Extensions of files that are read as a manifest. A test compares this list with the list in `intake`. */
const MANIFEST = /\.(?:csv|tsv|txt|jsonl|ndjson)(?:\.gz)?$/i;
const SPREADSHEET = /\.(?:xlsx?|xlsm|ods|numbers)$/i;
/** Number of bytes at the start that are searched for absolute URLs. */
const LOOK_BYTES = 64 * 1_024;
const WHOLE_URL = /(?:s3|https?|file):\/\//i;

export function isManifestName(name: string): boolean {
  return MANIFEST.test(name);
}

/**
 * Converts typed locations to the URLs of a submission. Rejects locations that can never work: a source that does not
 * exist, or a folder that the API or the provider cannot reach.
 *
 * @throws DarkroomError `invalid_input`, with advice
 */
export async function resolvePlaces(typed: TypedPlaces, rules: PlaceRules): Promise<Places> {
  const destination = toStoreUrl(typed.destination, rules.cwd);
  if (isLocal(destination) && !rules.seesLocalFiles) throw unseen("destination", typed.destination);
  const base = typed.base === undefined ? undefined : toStoreUrl(typed.base, rules.cwd);
  if (base !== undefined) checkFolder("base", base, typed.base ?? "", rules);
  refuseWebPage(typed.source);
  const local = localPath(typed.source, rules.cwd);
  if (local === undefined) {
    const source = isManifestName(typed.source)
      ? toObjectUrl(typed.source, rules.cwd)
      : toStoreUrl(typed.source, rules.cwd);
    return { source, destination, ...(base === undefined ? {} : { baseUrl: base }), ...sourcesOf(typed, rules.cwd) };
  }
  const stats = await stat(local).catch(() => undefined);
  if (stats === undefined)
    throw bad("source", `there is no ${local}: name a folder, a manifest or an s3:// URL that exists`);
  // Numbers saves a sheet as a folder that contains preview pictures of the sheet.
  if (stats.isDirectory() && /\.numbers$/i.test(local)) throw bad("source", `${typed.source} ${noManifest(local)}`);
  if (stats.isDirectory()) {
    const source = toStoreUrl(local, rules.cwd);
    checkFolder("source", source, typed.source, rules);
    return { source, destination, ...sourcesOf(typed, rules.cwd) };
  }
  if (!isManifestName(local)) {
    throw bad("source", `${typed.source} ${noManifest(local)}`);
  }
  // A user's own list may name any of the user's photos, unless a base is given.
  const sources = typed.manifestSources === undefined && base === undefined ? ANY : sourcesOf(typed, rules.cwd);
  return { ...(await resolveManifest(local, base, rules)), ...sources, destination };
}

const ANY = { manifestSources: "any" } as const;

function sourcesOf(
  { manifestSources }: Pick<TypedPlaces, "manifestSources">,
  cwd: string,
): { readonly manifestSources?: ManifestSources } {
  if (manifestSources === undefined || manifestSources.length === 0) return {};
  if (manifestSources.includes("any")) return ANY;
  return { manifestSources: manifestSources.map((place) => toStoreUrl(place, cwd)) };
}

async function resolveManifest(
  path: string,
  base: string | undefined,
  rules: PlaceRules,
): Promise<Omit<Places, "destination">> {
  const folder = toStoreUrl(dirname(path), rules.cwd);
  if (base === undefined && !(await namesWholeUrls(path))) {
    checkFolder("base", folder, `${dirname(path)}, which contains the manifest's relative sources,`, rules);
  }
  if (!rules.uploads) return { source: pathToFileURL(path).href, baseUrl: base ?? folder };
  const sent = base ?? (rules.seesLocalFiles && !(await namesWholeUrls(path)) ? folder : undefined);
  return { upload: path, ...(sent === undefined ? {} : { baseUrl: sent }) };
}

/**
 * True for a manifest with absolute URLs, judging by its start. A compressed manifest is assumed to have absolute URLs.
 */
async function namesWholeUrls(path: string): Promise<boolean> {
  if (/\.gz$/i.test(path)) return true;
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(LOOK_BYTES), 0, LOOK_BYTES, 0);
    return WHOLE_URL.test(buffer.toString("utf8", 0, bytesRead));
  } finally {
    await file.close();
  }
}

/** Rejects a web page that shows a list or a folder in a browser. */
function refuseWebPage(source: string): void {
  const link = URL.parse(source.trim());
  if (link === null || !/^https?:$/.test(link.protocol)) return;
  const isSheet = link.hostname === "docs.google.com" && link.pathname.startsWith("/spreadsheets/");
  throw bad(
    "source",
    isSheet
      ? 'it is a Google sheet; choose "File > Download > Comma-separated values (.csv)" there, and name the file that this saves'
      : "it is a link, and a source is a folder, s3://bucket/prefix/ or a manifest; download it and name the folder, or list the https:// links of the photos in a CSV",
  );
}

/** Explains why a file is not a manifest, with advice. */
function noManifest(path: string): string {
  if (SPREADSHEET.test(path)) return 'is a spreadsheet; save the sheet as "CSV UTF-8" and name that file';
  return (
    "is neither a folder nor a manifest: a manifest ends with .csv, .tsv, .txt, .jsonl or .ndjson, optionally followed by .gz. " +
    "For a single photo name its folder, and the photo with --include"
  );
}

function checkFolder(field: string, url: string, shown: string, rules: PlaceRules): void {
  if (isLocal(url) && !rules.seesLocalFiles) throw unseen(field, shown);
}

function unseen(field: string, shown: string): DarkroomError {
  return bad(
    field,
    `the API that DARKROOM_API_URL names runs elsewhere and does not see the folder ${shown}. Name an s3:// URL, ` +
      "or unset DARKROOM_API_URL to work on this machine",
  );
}

function isLocal(url: string): boolean {
  return url.startsWith("file:");
}

/** Returns the local path of a source; undefined for a remote source. */
function localPath(source: string, cwd: string): string | undefined {
  if (source.startsWith("file:")) return fileURLToPath(toFileUrl(source));
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(source) || source.startsWith("s3:")) return undefined;
  if (source.trim() === "") throw bad("source", "it is empty");
  return isAbsolute(source) ? source : resolve(cwd, source);
}

function toFileUrl(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw bad("source", `"${text}" is not a URL; write it as file:///folder/`);
}

function bad(field: string, message: string): DarkroomError {
  return new DarkroomError("invalid_input", `${field}: ${message}.`, { field });
}
