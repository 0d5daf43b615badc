import { CreateBucketCommand, HeadBucketCommand } from "@aws-sdk/client-s3";
import { createS3Client, type S3Settings } from "./s3-client.ts";
import { mapS3Error } from "./s3-errors.ts";

const OURS_ALREADY = new Set(["BucketAlreadyOwnedByYou", "BucketAlreadyExists"]);

/**
 * Creates `bucket` unless this account already owns it. For tests and the local stack; operators create production
 * buckets.
 *
 * @throws DarkroomError `storage_denied` when another account owns the bucket, `invalid_settings` when the keys are
 *   wrong, `storage_unavailable` when no store answers
 */
export async function createS3Bucket(settings: S3Settings, bucket: string): Promise<void> {
  const client = createS3Client(settings);
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket })).catch(async (error: unknown) => {
      if (!(error instanceof Error) || !OURS_ALREADY.has(error.name)) throw error;
      await client.send(new HeadBucketCommand({ Bucket: bucket }));
    });
  } catch (error) {
    throw mapS3Error(error, { action: "create", bucket });
  } finally {
    client.destroy();
  }
}
