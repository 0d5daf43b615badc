import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Environment } from "@darkroom/config";
import { findOrStartS3, type S3Server } from "@darkroom/local-stack";
import { openStores, type Stores } from "@darkroom/storage";
import { createS3Bucket } from "@darkroom/storage/s3-bucket";
import type { CliEnv } from "../environment/env.ts";

/** The store of the demo's photos and results. */
export interface DemoStore {
  /** With a trailing slash. */
  readonly url: string;
  /** A description of the state for the user. */
  readonly how: string;
  readonly stores: Stores;
  /** Environment variables with which the apps reach the store. */
  readonly variables: Environment;
  close(): Promise<void>;
}

/** Returns a short bucket name that differs each time, because the server may already have buckets of earlier demos. */
function newBucket(): string {
  return `darkroom-demo-${Date.now().toString(36)}`;
}

/** An S3 server if one is available, otherwise a folder. */
export async function openDemoStore(env: CliEnv, log: (line: string) => void): Promise<DemoStore> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env.variables;
  const keys = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : {};
  const server = await findOrStartS3({ log, ...(env.demoS3 === undefined ? {} : { ...env.demoS3, ...keys }) });
  return "unavailable" in server ? await openFolder(server.unavailable) : await openBucket(server);
}

async function openBucket(server: S3Server): Promise<DemoStore> {
  const { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle } = server;
  const s3 = { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle };
  const bucket = newBucket();
  try {
    await createS3Bucket(s3, bucket);
  } catch (error) {
    await server.close();
    throw error;
  }
  const stores = openStores({ s3, local: { roots: [], linkSecret: "" } });
  return {
    url: `s3://${bucket}/`,
    how: `S3: ${server.how}, bucket ${bucket}`,
    stores,
    variables: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      DARKROOM_S3_PATH_STYLE: "true",
    },
    close: async () => {
      await stores.close();
      await server.close();
    },
  };
}

async function openFolder(why: string): Promise<DemoStore> {
  const folder = await mkdtemp(join(tmpdir(), "darkroom-demo-"));
  const stores = openStores({ s3: {}, local: { roots: [folder], linkSecret: "" } });
  return {
    url: pathToFileURL(`${folder}/`).href,
    how: `a folder instead of S3. ${why}`,
    stores,
    variables: {},
    close: async () => {
      await stores.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
