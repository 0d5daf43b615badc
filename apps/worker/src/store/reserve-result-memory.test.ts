import { MemoryBudget } from "@darkroom/imaging";
import { MOST_RESULT_BYTES } from "@darkroom/web-fetch";
import { expect, test } from "vitest";
import { largerRoom, MOST_UNTOLD_BYTES, NeedsRoom, tooLargeMessage, withResultRoom } from "./reserve-result-memory.ts";

const MEBIBYTE = 1_048_576;
const signal = new AbortController().signal;

test.each([
  ["with a declared length gets that much", MEBIBYTE, 5 * MEBIBYTE, 5 * MEBIBYTE],
  ["declared as large as the limit gets that much", MEBIBYTE, MOST_RESULT_BYTES, MOST_RESULT_BYTES],
  ["declared larger than the limit gets nothing", MEBIBYTE, MOST_RESULT_BYTES + 1, undefined],
  ["without a declared length gets the limit for such results", MEBIBYTE, undefined, MOST_UNTOLD_BYTES],
  ["without a declared length gets no more than that", MOST_UNTOLD_BYTES, undefined, undefined],
])("a result %s", (_, roomBytes, sizeBytes, expected) => {
  expect(largerRoom(roomBytes, sizeBytes)).toBe(expected);
});

test("says in the message how much is read, and of what", () => {
  expect(tooLargeMessage(undefined)).toContain("has no declared length and exceeds the limit of 48 MiB");
  expect(tooLargeMessage(250 * MEBIBYTE)).toContain("has 250 MiB, more than the limit of 100 MiB");
});

test("releases its reservation before it waits for a larger one", async () => {
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

test("is not restarted if it needs no more than it had", async () => {
  const work = () => Promise.reject(new NeedsRoom(2));
  await expect(withResultRoom(new MemoryBudget(10), 2, signal, work)).rejects.toThrow(NeedsRoom);
});
