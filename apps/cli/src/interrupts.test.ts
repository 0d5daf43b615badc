import { EventEmitter } from "node:events";
import { expect, it, vi } from "vitest";
import { Interrupted } from "./exit-codes.ts";
import { DEBOUNCE_MS, listenForInterrupts } from "./interrupts.ts";

function listen() {
  const source = new EventEmitter();
  const force = vi.fn<() => void>();
  let nowMs = 0;
  const interrupts = listenForInterrupts(source, force, () => nowMs);
  return { source, force, interrupts, at: (ms: number) => (nowMs = ms) };
}

it("aborts at the first signal, whichever it is", () => {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    const { source, force, interrupts } = listen();
    expect(interrupts.signal.aborted).toBe(false);
    source.emit(name);
    expect(interrupts.signal.reason).toBeInstanceOf(Interrupted);
    expect(force).not.toHaveBeenCalled();
  }
});

it("takes a forwarded copy of the same Ctrl-C for one, and a later one for a second", () => {
  const { source, force, at } = listen();
  source.emit("SIGINT");
  at(DEBOUNCE_MS - 1);
  source.emit("SIGINT");
  source.emit("SIGTERM");
  expect(force).not.toHaveBeenCalled();
  at(DEBOUNCE_MS);
  source.emit("SIGINT");
  expect(force).toHaveBeenCalledTimes(1);
});

it("stops listening when it is told to", () => {
  const { source, interrupts } = listen();
  interrupts.stop();
  expect(["SIGINT", "SIGTERM", "SIGHUP"].map((name) => source.listenerCount(name))).toEqual([0, 0, 0]);
});
