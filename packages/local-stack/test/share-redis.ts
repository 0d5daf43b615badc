import { findOrStartRedis } from "../src/index.ts";

// A process that shares a Redis until its stdin ends; `node share-redis.ts <dataDir> <cacheDir>`.
const [, , dataDir = "", cacheDir = ""] = process.argv;
const redis = await findOrStartRedis({ dataDir, cacheDir, log: console.error, persistent: true });
console.log(redis.url);
process.stdin.resume();
process.stdin.once("end", () => void redis.close());
