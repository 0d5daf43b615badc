import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { runApp } from "../src/run-app.ts";

/*
 * An app for the tests of `runApp`. The first argument selects the behaviour of its start, the second that of its
 * close, and the third is the stop timeout in ms.
 */

const [, , starts = "runs", closes = "ends", forceAfterMs = "60000"] = process.argv;

const CLOSES: Readonly<Record<string, () => Promise<void>>> = {
  ends: () => Promise.resolve(),
  fails: () => Promise.reject(new Error("Redis is gone")),
  hangs: () => new Promise(() => undefined),
};

await runApp({
  name: "test",
  settings: () => {
    if (starts === "has wrong settings") throw new Error("DARKROOM_PORT must be a number");
    return { log: { level: "info" }, unknownVariables: ["DARKROOM_PROT is not known"] };
  },
  start: (_, { log }) => {
    // Keeps the process alive like an open connection.
    setInterval(() => undefined, 60_000);
    if (starts === "cannot start") return Promise.reject(new Error("Redis does not answer"));
    log.info("started");
    return Promise.resolve({
      close: async () => {
        await sleep(0);
        await CLOSES[closes]?.();
      },
    });
  },
  forceAfterMs: () => Number(forceAfterMs),
});
