import { describe, expect, it } from "vitest";
import { EMPTY_RECEIPT, mayBeDraft, type Turn } from "./receipt.ts";

const SHOWN: Turn = { intentAt: 1, generation: 0, outputUrl: "https://cdn.test/a.png", outputAt: 2 };
const OPEN: Turn = { intentAt: 3, generation: 0 };

describe("a picture whose answer was not seen to end", () => {
  it.each<[string, boolean, readonly Turn[], number]>([
    ["may be a draft", true, [SHOWN], 0],
    ["is the result once its answer has ended", false, [{ ...SHOWN, finished: true }], 0],
    ["is the result where the next step was begun, also by a version that wrote no mark", false, [SHOWN, OPEN], 0],
    ["is the result where a newer session goes on from it", false, [SHOWN], 1],
    ["is not there where none was shown", false, [OPEN], 0],
    ["is not there where nothing was sent", false, [], 0],
  ])("%s", (_, expected, turns, generation) => {
    expect(mayBeDraft({ ...EMPTY_RECEIPT, turns, generation }, 0)).toBe(expected);
  });
});
