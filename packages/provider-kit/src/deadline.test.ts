import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { Deadline, type EndedBy } from "./deadline.ts";

const LONG_MS = 60_000;

function listenersOf(signal: AbortSignal): { readonly count: () => number } {
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count -= 1;
    remove(...args);
  };
  return { count: () => count };
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}

function ended(deadline: Deadline): Promise<EndedBy> {
  return new Promise((resolve) => deadline.onEnd(resolve));
}

describe("Deadline", () => {
  it("reports that the total deadline ended it", async () => {
    const deadline = new Deadline({ deadlineMs: 5, idleMs: LONG_MS, signal: new AbortController().signal });
    await expect(ended(deadline)).resolves.toBe("deadline");
    expect(deadline.endedBy).toBe("deadline");
    expect(deadline.signal.aborted).toBe(true);
  });

  it("reports that silence ended it", async () => {
    const deadline = new Deadline({ deadlineMs: LONG_MS, idleMs: 5, signal: new AbortController().signal });
    await expect(ended(deadline)).resolves.toBe("idle");
  });

  it("reports that the caller ended it, even before it began", () => {
    const controller = new AbortController();
    const deadline = new Deadline({ deadlineMs: LONG_MS, idleMs: LONG_MS, signal: controller.signal });
    const signal = deadline.signal;
    controller.abort();
    expect(deadline.endedBy).toBe("caller");
    expect(signal.aborted).toBe(true);
    const late = new Deadline({ deadlineMs: LONG_MS, idleMs: LONG_MS, signal: controller.signal });
    expect(late.endedBy).toBe("caller");
    expect(late.signal.aborted).toBe(true);
  });

  it("keeps the first of two causes", async () => {
    const controller = new AbortController();
    const deadline = new Deadline({ deadlineMs: LONG_MS, idleMs: 5, signal: controller.signal });
    await once(deadline.signal, "abort");
    controller.abort();
    expect(deadline.endedBy).toBe("idle");
  });

  it("does not count silence while held", async () => {
    const deadline = new Deadline({ deadlineMs: 40, idleMs: 5, signal: new AbortController().signal });
    deadline.hold();
    await expect(ended(deadline)).resolves.toBe("deadline");
  });

  it("restarts the idle limit after release", async () => {
    const deadline = new Deadline({ deadlineMs: LONG_MS, idleMs: 5, signal: new AbortController().signal });
    deadline.hold();
    deadline.release();
    await expect(ended(deadline)).resolves.toBe("idle");
  });

  it("leaves no timer or listener when closed, and then calls no listener", () => {
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const before = timers();
    const deadline = new Deadline({ deadlineMs: LONG_MS, idleMs: LONG_MS, signal: controller.signal });
    expect(timers()).toBe(before + 2);
    expect(listeners.count()).toBe(1);
    let told = 0;
    deadline.onEnd(() => (told += 1));
    deadline.close();
    deadline.release();
    controller.abort();
    expect(timers()).toBe(before);
    expect(listeners.count()).toBe(0);
    expect(told).toBe(0);
    expect(deadline.endedBy).toBeUndefined();
  });

  it("accepts limits longer than a timer's maximum without ending at once", async () => {
    const controller = new AbortController();
    const deadline = new Deadline({ deadlineMs: 1e12, idleMs: 1e12, signal: controller.signal });
    // A timer beyond Node's range would fire before this one.
    await ended(new Deadline({ deadlineMs: 20, idleMs: LONG_MS, signal: controller.signal }));
    expect(deadline.endedBy).toBeUndefined();
    deadline.close();
  });
});
