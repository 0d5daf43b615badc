export { leash } from "./leash.ts";
export { freePort } from "./free-port.ts";
export { findOrStartRedis, type LocalRedis, type RedisOptions } from "./redis.ts";
export { findRedisBinary, type RedisBinary } from "./redis-binary.ts";
export { startRedisCluster, type RedisCluster, type RedisClusterOptions } from "./redis-cluster.ts";
export { startRedisSentinels, type RedisSentinels, type RedisSentinelsOptions } from "./redis-sentinels.ts";
export { REDIS_SETTINGS, startRedisServer, type RedisServer, type RedisServerOptions } from "./redis-server.ts";
export { findOrStartS3, type S3Options, type S3Unavailable } from "./s3.ts";
export type { S3Connection, S3Server } from "./s3-server.ts";
