import { randomUUID } from "node:crypto";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { testBucket, testS3 } from "@darkroom/testkit";
import { openStores, type S3Settings } from "../src/index.ts";
import { createS3Client } from "../src/s3-client.ts";
import { keysOf, type StoreHarness } from "./suite-harness.ts";

const LOCAL = { roots: [], linkSecret: "a secret of the tests" };

/** Opens stores on the test run's S3 server, with changed settings if a test needs them. */
export function openS3(changes: Partial<S3Settings> = {}) {
  return openStores({ s3: { ...testS3(), ...changes }, local: LOCAL });
}

export function newPrefix(): string {
  return `storage/${randomUUID()}/`;
}

/** Creates a unique prefix in the test bucket. */
export async function startS3(): Promise<StoreHarness> {
  const prefix = newPrefix();
  const stores = openS3();
  const client = createS3Client(testS3());
  const store = stores.open(`s3://${testBucket()}/${prefix}`);
  return {
    store,
    async leftovers() {
      const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket: testBucket(), Prefix: prefix }));
      const unfinished = (uploads.Uploads ?? []).map(({ Key }) => `unfinished ${Key ?? ""}`);
      return [...unfinished, ...(await keysOf(store.list()))];
    },
    async close() {
      client.destroy();
      await stores.close();
    },
  };
}
