import { findOrStartRedis, findOrStartS3, type LocalRedis, type S3Server } from "@darkroom/local-stack";
import { CACHE_DIR } from "./cache-dir.ts";
import { environmentValue, REDIS_URL_VARIABLE, S3_SWITCH_VARIABLE, S3_VARIABLE } from "./environment.ts";
import { testBucket, type TestS3 } from "./s3.ts";

const log = (line: string): void => console.warn(line);

/** Starts one Redis and one S3 server for the whole run. The returned function stops them. */
export default async function setup(): Promise<() => Promise<void>> {
  const started = await Promise.allSettled([bringRedis(), bringS3()]);
  const end = async (): Promise<void> => {
    for (const each of started) if (each.status === "fulfilled") await each.value?.close();
  };
  const failure = started.find((each) => each.status === "rejected");
  if (failure === undefined) return end;
  // vitest does not run the teardown after a failed set-up.
  await end();
  throw failure.reason;
}

async function bringRedis(): Promise<LocalRedis> {
  const redisUrl = environmentValue("REDIS_URL");
  const redis = await findOrStartRedis({
    ...(redisUrl === undefined ? {} : { redisUrl }),
    dataDir: CACHE_DIR,
    cacheDir: CACHE_DIR,
    log,
  });
  process.env[REDIS_URL_VARIABLE] = redis.url;
  console.log(`Redis for tests: ${redis.how}`);
  return redis;
}

/** Without a server the run continues, and the tests that need it fail with the reason. */
async function bringS3(): Promise<S3Server | undefined> {
  if (environmentValue(S3_SWITCH_VARIABLE) === "off") return noS3(`${S3_SWITCH_VARIABLE}=off turned it off.`);
  const endpoint = environmentValue("S3_TEST_ENDPOINT");
  const region = environmentValue("AWS_REGION");
  const accessKeyId = environmentValue("AWS_ACCESS_KEY_ID");
  const secretAccessKey = environmentValue("AWS_SECRET_ACCESS_KEY");
  const server = await findOrStartS3({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
    log,
  });
  if ("unavailable" in server) return noS3(server.unavailable);
  const settings: TestS3 = {
    endpoint: server.endpoint,
    region: server.region,
    accessKeyId: server.accessKeyId,
    secretAccessKey: server.secretAccessKey,
    forcePathStyle: true,
  };
  try {
    // Imported dynamically, so that a run without S3 does not load the AWS SDK.
    const { createS3Bucket } = await import("@darkroom/storage/s3-bucket");
    await createS3Bucket(settings, testBucket());
  } catch (error) {
    await server.close();
    throw error;
  }
  process.env[S3_VARIABLE] = JSON.stringify(settings);
  console.log(`S3 for tests: ${server.how}`);
  return server;
}

function noS3(why: string): undefined {
  process.env[S3_VARIABLE] = why;
  console.log(`S3 for tests: none. ${why}`);
}
