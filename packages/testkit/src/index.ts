export { freePort } from "@darkroom/local-stack";
export { asOrdinaryUser } from "./ordinary-user.ts";
export { startRedis, type PrivateRedis } from "./private-redis.ts";
export { redisBinary, startCluster, startSentinels } from "./redis-topology.ts";
export { testNamespace, testRedisUrl } from "./redis.ts";
export { testBucket, testS3, type TestS3 } from "./s3.ts";
export { tempFolder, type TempFolder } from "./temp-folder.ts";
export { until, type UntilOptions } from "./until.ts";
export { default as bringTestServers } from "./vitest-global-setup.ts";
