import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { until } from "@darkroom/testkit";
import { CommandError, EXIT, Interrupted } from "../exit-codes.ts";
import { DEBOUNCE_MS, listenForInterrupts } from "./interrupts.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function listen() {
  const source = new EventEmitter();
  const force = vi.fn<() => void>();
  return { source, force, interrupts: listenForInterrupts(source, force) };
}

it("aborts at the first signal of any kind", () => {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    const { source, force, interrupts } = listen();
    expect(interrupts.signal.aborted).toBe(false);
    source.emit(name);
    expect(interrupts.signal.reason).toBeInstanceOf(Interrupted);
    expect(force).not.toHaveBeenCalled();
  }
});

it("counts a forwarded copy of the same Ctrl-C once, and a later one as a second", async () => {
  const { source, force } = listen();
  source.emit("SIGINT");
  await vi.advanceTimersByTimeAsync(DEBOUNCE_MS - 1);
  source.emit("SIGINT");
  source.emit("SIGTERM");
  expect(force).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2);
  source.emit("SIGINT");
  expect(force).toHaveBeenCalledTimes(1);
});

it("aborts for a reason of the command's own, and the next signal forces", () => {
  const { source, force, interrupts } = listen();
  const lost = new CommandError(EXIT.unreachable, "Redis is gone");
  interrupts.fail(lost);
  expect(interrupts.signal.reason).toBe(lost);
  expect(force).not.toHaveBeenCalled();
  source.emit("SIGINT");
  expect(force).toHaveBeenCalledTimes(1);
});

it("stops listening on request", () => {
  const { source, interrupts } = listen();
  interrupts.stop();
  expect(["SIGINT", "SIGTERM", "SIGHUP"].map((name) => source.listenerCount(name))).toEqual([0, 0, 0]);
});

/** A process that is too busy with its first signal to receive a second one within the debounce time. */
const BUSY = `
import { writeSync } from "node:fs";
import { DEBOUNCE_MS, listenForInterrupts } from ${JSON.stringify(import.meta.resolve("./interrupts.ts"))};
const { signal } = listenForInterrupts(process, () => {
  writeSync(1, "forced ");
  process.exit(${EXIT.interrupted});
});
signal.addEventListener("abort", () => {
  writeSync(1, "first ");
  for (const end = performance.now() + 2 * DEBOUNCE_MS; performance.now() < end; );
  setTimeout(() => writeSync(1, "calm "), 2 * DEBOUNCE_MS);
});
setInterval(() => undefined, 1_000);
writeSync(1, "ready ");
`;

it("counts a copy that came in time once, however late the busy process receives it", async () => {
  vi.useRealTimers();
  const child = spawn(process.execPath, ["--input-type=module", "--eval", BUSY], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    const says = async (word: string) => await until(() => out.includes(word), { what: word, timeoutMs: 30_000 });
    await says("ready");
    child.kill("SIGINT");
    await says("first");
    child.kill("SIGINT");
    await says("calm");
    const gone = once(child, "exit");
    child.kill("SIGINT");
    expect(await gone).toEqual([EXIT.interrupted, null]);
    expect(out).toBe("ready first calm forced ");
  } finally {
    child.kill("SIGKILL");
  }
});
