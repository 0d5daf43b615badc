import { once } from "node:events";
import process from "node:process";
import { messageOf } from "@darkroom/core";
import { readEnv } from "./env.ts";
import { startApi } from "./index.ts";

async function main(): Promise<void> {
  const asked = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  const api = await startApi(readEnv(process.env));
  console.log(`The API listens at ${api.url}; its description is at ${api.url}/docs`);
  await asked;
  await api.close();
}

try {
  await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
