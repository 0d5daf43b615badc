import { z } from "zod";
import type { BatchSpec } from "./batch.ts";

/**
 * The format of what is stored about a batch: `batch.json`, the control file and the ledger's copy of the spec. It is raised
 * when a reader of the format before would misread it.
 */
export const BATCH_FORMAT = 1;

const s3PlaceSchema = z.strictObject({
  /** Absent: AWS's own. */
  endpoint: z.string().optional(),
  /** Absent: whatever the AWS configuration of each process says. */
  region: z.string().optional(),
});

/** Where a process has its S3 buckets. */
export type S3Place = z.infer<typeof s3PlaceSchema>;

/** What a batch needs of the processes that work on it, as it was when it was accepted. Holds no secret. */
export const batchNeedsSchema = z.strictObject({
  /** Lane → mark of the key of its account, for each lane that may do the batch's work. */
  accounts: z.record(z.string(), z.string()),
  /** Absent where none of its stores is in S3. */
  s3: s3PlaceSchema.optional(),
  /** The folders of its local stores, without symbolic links. */
  folders: z.array(z.string()),
});

export type BatchNeeds = z.infer<typeof batchNeedsSchema>;

/** What a process has, as it tells others. Holds no secret. */
export interface ProcessMeans {
  /** The newest format that it reads; see {@link BATCH_FORMAT}. */
  readonly format: number;
  /**
   * Lane → marks of the keys whose orders it may go on with: the present key's, those that the operator has named, and
   * those that the account has refused and never accepted.
   */
  readonly accounts: Readonly<Record<string, readonly string[]>>;
  /** The S3 that it reaches, by each name that it knows; none where its credentials were not taken. */
  readonly s3: readonly S3Place[];
  /** The local folders that it may use, without symbolic links. */
  readonly folders: "any" | readonly string[];
  /** The batches that it was asked to work on. */
  readonly batches: "all" | readonly string[];
}

/** One thing that a process lacks for a batch. */
export interface Lack {
  readonly kind: "format" | "asked" | "account" | "s3" | "folder";
  /** What it is, to be read after "it needs". */
  readonly what: string;
}

/**
 * What a process lacks for a batch; empty where it can work on it.
 *
 * @param lane whose portraits it works on; undefined for a producer, which calls no provider
 */
export function lacking(
  { id, format, needs }: Pick<BatchSpec, "id" | "format" | "needs">,
  means: ProcessMeans,
  lane?: string,
): readonly Lack[] {
  const lacks: Lack[] = [];
  const { batches } = means;
  if (format > means.format) {
    lacks.push({ kind: "format", what: `a newer version of Darkroom, which reads the format ${format}` });
  }
  if (batches !== "all" && !batches.includes(id))
    lacks.push({ kind: "asked", what: "a command that was asked for it" });
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

/** Names the account that a batch needs, and what makes another key do. */
export function accountText(mark: string, lane: string): string {
  return `the account ${mark} of its lane ${lane} (for a new key of the same account set DARKROOM_FORMER_KEYS=${mark})`;
}

/**
 * A process's means with the keys that its accounts have refused and never accepted. Such a key binds no batch to its
 * account, because nothing was billed to it.
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
  const name = need.endpoint === undefined ? "the S3 of AWS" : `the S3 at ${need.endpoint}`;
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

/** The stores that a batch's work reads and writes, as URLs; what single rows name beside them is not among them. */
export function storesOf({ source, destination, schedule }: Pick<BatchSpec, "source" | "destination" | "schedule">) {
  const sources =
    source.kind === "prefix" ? [source.url] : [source.url, ...(source.baseUrl === undefined ? [] : [source.baseUrl])];
  return [...sources, destination.url, ...(schedule === undefined ? [] : [schedule.deliveredUrl])];
}
