export { leash } from "./leash.ts";
export { freePort } from "./free-port.ts";
export { findOrStartRedis, type LocalRedis } from "./redis.ts";
export { findRedisBinary, type RedisBinary } from "./redis-binary.ts";
export { startRedisCluster, type RedisClusterOptions } from "./redis-cluster.ts";
export { startRedisSentinels, type RedisSentinelsOptions } from "./redis-sentinels.ts";
export { REDIS_SETTINGS, startRedisServer, type RedisServer } from "./redis-server.ts";
export { findOrStartS3 } from "./s3.ts";
export type { S3Connection, S3Server } from "./s3-server.ts";
