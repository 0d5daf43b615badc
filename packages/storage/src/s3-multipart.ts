import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type PutObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Readable } from "node:stream";

/** Equal for all parts but the last, as some stores ask; 10,000 of them make 80 GiB. */
const PART_BYTES = 8 * 1_024 * 1_024;

type Target = Omit<PutObjectCommandInput, "Body" | "ContentLength">;

/** Cuts a stream into parts of {@link PART_BYTES}; the last may be shorter, and an empty stream gives one empty part. */
async function* partsOf(body: Readable): AsyncGenerator<{ bytes: Buffer; last: boolean }> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array | string>) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    waiting.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    waitingBytes += bytes.byteLength;
    if (waitingBytes <= PART_BYTES) continue;
    const whole = Buffer.concat(waiting);
    let at = 0;
    for (; whole.byteLength - at > PART_BYTES; at += PART_BYTES) {
      yield { bytes: whole.subarray(at, at + PART_BYTES), last: false };
    }
    waiting = [whole.subarray(at)];
    waitingBytes = whole.byteLength - at;
  }
  yield { bytes: Buffer.concat(waiting), last: true };
}

/**
 * Uploads a stream whose length nobody knows, one part in memory at a time. Short streams are put in one piece; a
 * longer one that fails or is aborted takes its parts back. Parts can be sent again, so the SDK's retries apply.
 *
 * @returns the ETag as the store wrote it
 */
export async function uploadStream(client: S3Client, target: Target, body: Readable, abortSignal?: AbortSignal) {
  const options = abortSignal === undefined ? {} : { abortSignal };
  const { Bucket, Key } = target;
  let UploadId: string | undefined;
  const done: CompletedPart[] = [];
  try {
    for await (const { bytes, last } of partsOf(body)) {
      if (last && UploadId === undefined) {
        const { ETag } = await client.send(new PutObjectCommand({ ...target, Body: bytes }), options);
        return ETag;
      }
      // Not abortable: an upload whose id never arrived could not be taken back.
      UploadId ??= (await client.send(new CreateMultipartUploadCommand(target))).UploadId;
      const PartNumber = done.length + 1;
      const part = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: bytes });
      const { ETag } = await client.send(part, options);
      done.push({ PartNumber, ETag });
    }
    const MultipartUpload = { Parts: done };
    const complete = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload });
    const { ETag } = await client.send(complete, options);
    return ETag;
  } catch (error) {
    // The first failure is the one to tell; leftover parts are the bucket's lifecycle rule to clear.
    if (UploadId !== undefined) {
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => undefined);
    }
    throw error;
  }
}
