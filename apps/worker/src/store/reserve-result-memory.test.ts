import { MemoryBudget } from "@darkroom/imaging";
import { MOST_RESULT_BYTES } from "@darkroom/web-fetch";
import { expect, test } from "vitest";
import { largerRoom, MOST_UNTOLD_BYTES, NeedsRoom, tooLargeMessage, withResultRoom } from "./reserve-result-memory.ts";

const MEBIBYTE = 1_048_576;
const signal = new AbortController().signal;

test.each([
  ["whose length is told gets as much as it has", MEBIBYTE, 5 * MEBIBYTE, 5 * MEBIBYTE],
  ["that is told to be as large as one may be gets that", MEBIBYTE, MOST_RESULT_BYTES, MOST_RESULT_BYTES],
  ["that is told to be larger than one may be gets nothing", MEBIBYTE, MOST_RESULT_BYTES + 1, undefined],
  ["whose length nobody tells gets what is read of such a one", MEBIBYTE, undefined, MOST_UNTOLD_BYTES],
  ["whose length nobody tells gets no more than that", MOST_UNTOLD_BYTES, undefined, undefined],
])("a result %s", (_, roomBytes, sizeBytes, expected) => {
  expect(largerRoom(roomBytes, sizeBytes)).toBe(expected);
});

test("the message says how much is read, and of what", () => {
  expect(tooLargeMessage(undefined)).toContain("without a length and has more than the 48 MiB");
  expect(tooLargeMessage(250 * MEBIBYTE)).toContain("has 250 MiB, and at most 100 MiB are read");
});

test("what needs more room gives its own back before it waits for that", async () => {
  const memory = new MemoryBudget(10);
  const rooms: number[] = [];
  const done = await withResultRoom(memory, 2, signal, async (room) => {
    rooms.push(room, memory.usedBytes);
    if (room < 5) throw new NeedsRoom(5);
    return "stored";
  });
  expect(done).toBe("stored");
  expect(rooms).toEqual([2, 4, 5, 10]);
  expect(memory.usedBytes).toBe(0);
});

test("what asks for no more than it had is not begun again", async () => {
  const work = () => Promise.reject(new NeedsRoom(2));
  await expect(withResultRoom(new MemoryBudget(10), 2, signal, work)).rejects.toThrow(NeedsRoom);
});
