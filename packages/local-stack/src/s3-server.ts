import { randomBytes } from "node:crypto";

/** Connection settings of an S3 server. Path-style, because a local server has no host names for its buckets. */
export interface S3Connection {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly forcePathStyle: true;
}

/** An S3 server on this machine, initially without buckets. */
export interface S3Server extends S3Connection {
  /** Description of its type and origin. */
  readonly how: string;
  /** Stops the server if this call started it. Idempotent. */
  close(): Promise<void>;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Random credentials. */
export function newCredentials(): Credentials {
  return { accessKeyId: randomBytes(10).toString("hex"), secretAccessKey: randomBytes(20).toString("hex") };
}

/** True when an HTTP server responds at the endpoint, with any status. */
export async function httpAnswers(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(endpoint, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}
