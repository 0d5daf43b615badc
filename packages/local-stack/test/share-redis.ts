import { findOrStartRedis } from "../src/index.ts";

// A process that shares a Redis until its stdin ends or requests an immediate exit: `node share-redis.ts <dataDir>
// <cacheDir>`.
const [, , dataDir = "", cacheDir = ""] = process.argv;
const redis = await findOrStartRedis({ dataDir, cacheDir, log: console.error, persistent: true });
console.log(redis.url);
process.stdin.on("data", () => process.exit(1));
process.stdin.once("end", () => void redis.close());
