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

/**
 * Size of every part except the last, because some stores require equal sizes. The maximum of 10,000 parts is 80 GiB.
 */
const PART_BYTES = 8 * 1_024 * 1_024;

type Target = Omit<PutObjectCommandInput, "Body" | "ContentLength">;

/**
 * Splits a stream into parts of {@link PART_BYTES}. The last part may be shorter. An empty stream yields one empty
 * part.
 */
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
 * Uploads a stream of unknown length with one part in memory. Short streams need a single put. A failed or aborted
 * multipart upload deletes its parts. Parts can be resent, so the SDK's retries apply.
 *
 * @returns the ETag from the store
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
      // Not abortable, because an upload without a known id could not be deleted.
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
    // The first error is thrown. The bucket's lifecycle rule removes leftover parts.
    if (UploadId !== undefined) {
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => undefined);
    }
    throw error;
  }
}
