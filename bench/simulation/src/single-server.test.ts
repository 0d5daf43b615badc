import { expect, test } from "vitest";
import { SingleServer } from "./single-server.ts";
import { VirtualClock } from "./virtual-clock.ts";

test("does one thing at a time, and answers after its time and the round trip", async () => {
  const clock = new VirtualClock();
  const server = new SingleServer<"work">(clock, 1);
  const seen: string[] = [];
  server.ask("work", 2_000, () => seen.push(`first done at ${clock.nowMs}`));
  server.ask("work", 3_000, undefined, () => seen.push(`second answered at ${clock.nowMs}`));
  await clock.run(100);
  expect(seen).toEqual(["first done at 2.5", "second answered at 6"]);
  expect(server.takeBusyMs().get("work")).toBe(5);
  expect(server.takeBusyMs().size).toBe(0);
});
