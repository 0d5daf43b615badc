import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { endProcesses, processLife } from "./process-life.ts";

test("a live process keeps its start time, and an ended one has none", async () => {
  const child = spawn("sleep", ["60"]);
  const pid = child.pid ?? 0;
  const life = processLife(pid);
  expect(life).toEqual(expect.any(String));
  expect(processLife(pid)).toBe(life);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(processLife(pid)).toBeUndefined();
});

test("ends a frozen process", async () => {
  const child = spawn("sleep", ["60"]);
  const exit = once(child, "exit");
  child.kill("SIGSTOP");
  await endProcesses([child.pid ?? 0], 5_000);
  expect(await exit).toEqual([null, "SIGTERM"]);
});

test("ends a process that ignores SIGTERM", async () => {
  const child = spawn("/bin/sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]);
  const exit = once(child, "exit");
  await once(child.stdout, "data");
  await endProcesses([child.pid ?? 0], 50);
  expect(await exit).toEqual([null, "SIGKILL"]);
});

test("ignores processes that are gone", async () => {
  await expect(endProcesses([999_999_999], 5_000)).resolves.toBeUndefined();
});
