import { randomBytes } from "node:crypto";

/** How to reach an S3 server; path-style, because a server on this machine has no names for its buckets. */
export interface S3Connection {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly forcePathStyle: true;
}

/** An S3 server of this machine. It has no bucket yet. */
export interface S3Server extends S3Connection {
  /** What it is and where it came from, for a person. */
  readonly how: string;
  /** Ends what was started, and only that. May be called again. */
  close(): Promise<void>;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Credentials that nobody else knows. */
export function newCredentials(): Credentials {
  return { accessKeyId: randomBytes(10).toString("hex"), secretAccessKey: randomBytes(20).toString("hex") };
}

/** True when something speaks HTTP there, whatever it says. */
export async function httpAnswers(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(endpoint, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}
