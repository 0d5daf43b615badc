import { z } from "zod";

const s3PlaceSchema = z.strictObject({
  /** Absent for AWS. */
  endpoint: z.string().optional(),
  /** Absent means the AWS configuration of each process. */
  region: z.string().optional(),
});

/**
 * The requirements of a batch on the processes that work on it, as configured when the batch was accepted. Contains no
 * secrets.
 */
export const batchNeedsSchema = z.strictObject({
  /** Lane → mark of its account's key, for each lane that may process the batch. */
  accounts: z.record(z.string(), z.string()),
  /** Absent if none of its stores is in S3. */
  s3: s3PlaceSchema.optional(),
  /** The folders of its local stores, without symbolic links. */
  folders: z.array(z.string()),
});

export type BatchNeeds = z.infer<typeof batchNeedsSchema>;

/** The S3 service of a process's buckets. */
export type S3Place = z.infer<typeof s3PlaceSchema>;
