import type { BatchSpec } from "./batch.ts";
import type { S3Place } from "./batch-needs-schema.ts";

/**
 * The format of `batch.json`, the control file and the ledger's copy of the spec. Must be incremented when a reader of
 * the previous format would misread the new one.
 */
export const BATCH_FORMAT = 1;

/** The capabilities that a process reports to others. Contains no secrets. */
export interface ProcessMeans {
  /** The newest format that the process can read; see {@link BATCH_FORMAT}. */
  readonly format: number;
  /**
   * Lane → marks of the keys whose batches the process may continue: the current key, former keys configured by the
   * operator, and keys that the account has always refused.
   */
  readonly accounts: Readonly<Record<string, readonly string[]>>;
  /** The S3 service that the process uses, under each known name. Empty if its credentials were rejected. */
  readonly s3: readonly S3Place[];
  /** The local folders that the process may use, without symbolic links. */
  readonly folders: "any" | readonly string[];
  /** The batches that the process was asked to work on. */
  readonly batches: "all" | readonly string[];
}

/** A requirement of a batch that a process does not meet. */
export interface Lack {
  readonly kind: "format" | "asked" | "account" | "s3" | "folder";
  /** A description to follow "it needs". */
  readonly what: string;
}

/**
 * Returns the requirements of a batch that a process does not meet; empty if the process can work on the batch.
 *
 * @param lane the lane whose portraits the process runs; undefined for a producer, which calls no provider
 */
export function lacking(
  { id, format, needs }: Pick<BatchSpec, "id" | "format" | "needs">,
  means: ProcessMeans,
  lane?: string,
): readonly Lack[] {
  const lacks: Lack[] = [];
  const { batches } = means;
  if (format > means.format) {
    lacks.push({ kind: "format", what: `a newer version of Darkroom, which reads format ${format}` });
  }
  if (batches !== "all" && !batches.includes(id))
    lacks.push({ kind: "asked", what: "a command that was asked to run it" });
  if (needs === undefined) return lacks;
  const mark = lane === undefined ? undefined : needs.accounts[lane];
  if (lane !== undefined && mark !== undefined && !(means.accounts[lane] ?? []).includes(mark)) {
    lacks.push({
      kind: "account",
      what: accountText(mark, lane),
    });
  }
  const s3 = needs.s3 === undefined ? undefined : lackingS3(needs.s3, means.s3);
  if (s3 !== undefined) lacks.push({ kind: "s3", what: s3 });
  const folder = needs.folders.find((path) => !mayUse(path, means.folders));
  if (folder !== undefined) lacks.push({ kind: "folder", what: `the folder ${folder} under DARKROOM_LOCAL_ROOTS` });
  return lacks;
}

/** Describes the account that a batch needs, and how to use another key of that account. */
export function accountText(mark: string, lane: string): string {
  return `the account ${mark} of its lane ${lane} (for a new key of the same account set DARKROOM_FORMER_KEYS=${mark})`;
}

/**
 * Adds the keys that a process's accounts have always refused. Nothing was billed to such a key, so a batch does not
 * depend on such a key.
 *
 * @param refused lane → marks
 */
export function withRefusedKeys(means: ProcessMeans, refused: ReadonlyMap<string, readonly string[]>): ProcessMeans {
  const accounts = Object.entries(means.accounts).map(
    ([lane, marks]) => [lane, [...new Set([...marks, ...(refused.get(lane) ?? [])])]] as const,
  );
  return { ...means, accounts: Object.fromEntries(accounts) };
}

function lackingS3(need: S3Place, has: readonly S3Place[]): string | undefined {
  const name = need.endpoint === undefined ? "AWS S3" : `the S3 at ${need.endpoint}`;
  if (has.length === 0)
    return `credentials for ${name} (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role)`;
  const there = has.filter(({ endpoint }) => endpoint === need.endpoint);
  if (there.length === 0) return `${name} (AWS_ENDPOINT_URL_S3)`;
  if (need.region === undefined || there.some(({ region }) => region === need.region)) return undefined;
  return `${name} in the region ${need.region} (AWS_REGION)`;
}

function mayUse(folder: string, folders: ProcessMeans["folders"]): boolean {
  if (folders === "any") return true;
  return folders.some((root) => folder === root || folder.startsWith(root.endsWith("/") ? root : `${root}/`));
}

/** Returns the URLs of the stores that a batch reads and writes, except the ones that individual rows name. */
export function storesOf({ source, destination, schedule }: Pick<BatchSpec, "source" | "destination" | "schedule">) {
  const sources =
    source.kind === "prefix" ? [source.url] : [source.url, ...(source.baseUrl === undefined ? [] : [source.baseUrl])];
  return [...sources, destination.url, ...(schedule === undefined ? [] : [schedule.deliveredUrl])];
}
