import { expect, it } from "vitest";
import type { WatchEvent } from "../api/event-reader.ts";
import { PortraitTroubles } from "./portrait-troubles.ts";

const nextLookAt = "2026-11-30T08:00:00.000Z";

function retry(index: number, reason: "provider_retry" | "rate_limit" | "storage", message: string): WatchEvent {
  return { type: "portrait-retry", index, reason, message, delayMs: 12_400, nextLookAt };
}

function ended(index: number, outcome: string, message = ""): WatchEvent {
  return { type: "portrait-end", index, outcome, message };
}

async function linesOf(events: readonly WatchEvent[]): Promise<readonly (string | undefined)[]> {
  const troubles = new PortraitTroubles(async (index) => `photo-${index}.jpg`);
  const lines: (string | undefined)[] = [];
  for (const event of events) lines.push(await troubles.lineOf(event));
  return lines;
}

it("names failed and retried portraits, with the reason", async () => {
  expect(
    await linesOf([retry(3, "provider_retry", "HTTP 503"), ended(4, "too_small", "it is 20 pixels wide")]),
  ).toEqual(["photo-3.jpg: HTTP 503; next attempt in 12s", "photo-4.jpg: failed (too_small): it is 20 pixels wide"]);
});

it("reports each problem of a portrait once", async () => {
  const events = [retry(3, "storage", "full"), retry(3, "storage", "full"), retry(3, "provider_retry", "503")];
  expect((await linesOf(events)).map((line) => line !== undefined)).toEqual([true, false, true]);
});

it("omits portraits that ended well, were cancelled, or wait for their turn", async () => {
  const events: WatchEvent[] = [
    ended(1, "ok"),
    ended(2, "cancelled"),
    retry(3, "rate_limit", ""),
    { type: "portrait-start", index: 4 },
  ];
  expect(await linesOf(events)).toEqual([undefined, undefined, undefined, undefined]);
});

it("stops after 25 lines and says so", async () => {
  const lines = await linesOf(Array.from({ length: 40 }, (_, index) => ended(index, "no_face")));
  expect(lines[24]).toContain("photo-24.jpg");
  expect(lines[25]).toMatch(/not listed individually/);
  expect(lines.slice(26)).toEqual(Array.from({ length: 14 }, () => undefined));
});

it("reports once what is the same for many portraits, and says that others are counted", async () => {
  const taken = (name: string) =>
    `${name} already exists: another result. Nothing was replaced. Move it away and retry`;
  const lines = await linesOf([
    ended(1, "destination_taken", taken("a.jpg")),
    ended(2, "destination_taken", taken("b.jpg")),
    ended(3, "needs_clarification", "the provider asks: Which background?"),
    ended(4, "needs_clarification", "the provider asks: Which background?"),
    ended(5, "needs_clarification", "the provider asks: Which of the two?"),
    ended(6, "too_small", "it is 20 pixels wide"),
    ended(7, "too_small", "it is 20 pixels wide"),
  ]);
  const others = "Further portraits that end like this are counted, not listed.";
  expect(lines).toEqual([
    `photo-1.jpg: failed (destination_taken): ${taken("a.jpg")}. ${others}`,
    undefined,
    `photo-3.jpg: failed (needs_clarification): the provider asks: Which background? ${others}`,
    undefined,
    `photo-5.jpg: failed (needs_clarification): the provider asks: Which of the two? ${others}`,
    "photo-6.jpg: failed (too_small): it is 20 pixels wide",
    "photo-7.jpg: failed (too_small): it is 20 pixels wide",
  ]);
});
