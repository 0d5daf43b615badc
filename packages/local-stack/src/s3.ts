import { messageOf } from "@darkroom/core";
import { mayInstall } from "./debian.ts";
import { dockerAnswers } from "./docker.ts";
import { hasRadosgw, installRadosgw } from "./radosgw-packages.ts";
import { startRadosgw } from "./radosgw.ts";
import { startS3Container } from "./s3-container.ts";
import type { S3Server } from "./s3-server.ts";

export interface S3Options {
  /** An existing server, which is used and left unchanged. The two keys belong to it. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** Called with attempts that failed. */
  readonly log: (line: string) => void;
}

/** Why no S3 server is available, with advice. */
export interface S3Unavailable {
  readonly unavailable: string;
}

/**
 * Finds or starts an S3 server for the lifetime of this process: the given endpoint, a container, or on Debian as root
 * Ceph's gateway, installed if missing.
 */
export async function findOrStartS3(options: S3Options): Promise<S3Server | S3Unavailable> {
  if (options.endpoint !== undefined) return named(options, options.endpoint);
  if (await dockerAnswers()) {
    try {
      return await startS3Container();
    } catch (error) {
      options.log(`S3 in Docker: ${messageOf(error)}`);
    }
  }
  try {
    if (!(await hasRadosgw()) && (await mayInstall())) await installRadosgw();
    if (await hasRadosgw()) return await startRadosgw();
  } catch (error) {
    return { unavailable: `Ceph's gateway (radosgw) could not be used: ${messageOf(error)} ${WHAT_TO_DO}` };
  }
  return { unavailable: `There is no S3 server on this machine and none could be started. ${WHAT_TO_DO}` };
}

const WHAT_TO_DO =
  "Start Docker, or use Debian as root, or set S3_TEST_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";

function named(options: S3Options, endpoint: string): S3Server | S3Unavailable {
  const { accessKeyId, secretAccessKey, region = "us-east-1" } = options;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return {
      unavailable: `The S3 server at ${endpoint} needs its keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
    };
  }
  return {
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
    forcePathStyle: true,
    how: `the one at ${endpoint}`,
    close: () => Promise.resolve(),
  };
}
