import { once } from "node:events";
import process from "node:process";
import { messageOf } from "@darkroom/core";
import { readEnv } from "./env.ts";
import { startTwin } from "./twin.ts";

async function main(): Promise<void> {
  const twin = await startTwin(readEnv(process.env));
  console.log(`The twin listens at ${twin.url}`);
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  await twin.close();
}

try {
  await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
