import { expect, it } from "vitest";
import { z } from "zod";
import "./schema-words.ts";

const schema = z.strictObject({
  name: z.string().min(1).max(5).optional(),
  count: z.int().min(1).max(9).optional(),
  share: z.number().gt(0).lt(1).optional(),
  mode: z.enum(["eco", "max"]).optional(),
  kind: z.literal("team").optional(),
  ids: z.array(z.string()).min(1).max(2).optional(),
  either: z.union([z.string(), z.array(z.string())]).optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  site: z.url().optional(),
  sure: z.boolean().optional(),
  own: z.string().min(3, "give three letters or more").optional(),
  must: z.string(),
  choose: z.enum(["a", "b"]),
});
const good = { must: "m", choose: "a" };

it.each([
  [{ choose: "a" }, "must: must be given"],
  [{ must: "m" }, 'choose: must be given: one of "a", "b"'],
  [{ ...good, must: 3 }, "must: must be a text"],
  [{ ...good, must: null }, "must: must be a text"],
  [{ ...good, name: "" }, "name: must not be empty"],
  [{ ...good, name: "longer" }, "name: must have at most 5 characters"],
  [{ ...good, count: "lots" }, "count: must be a number"],
  [{ ...good, count: 1.5 }, "count: must be a whole number"],
  [{ ...good, count: 0 }, "count: must be at least 1"],
  [{ ...good, count: 10 }, "count: must be at most 9"],
  [{ ...good, share: 0 }, "share: must be more than 0"],
  [{ ...good, share: 1 }, "share: must be less than 1"],
  [{ ...good, mode: "turbo" }, 'mode: must be one of "eco", "max"'],
  [{ ...good, kind: "solo" }, 'kind: must be "team"'],
  [{ ...good, ids: [] }, "ids: must not be empty"],
  [{ ...good, ids: ["a", "b", "c"] }, "ids: must have at most 2 entries"],
  [{ ...good, ids: "a" }, "ids: must be a list"],
  [{ ...good, either: 3 }, "either: must be a text or a list"],
  [{ ...good, either: [3] }, "either: must be a text"],
  [{ ...good, at: "friday" }, 'at: must be a time with its offset, as in "2026-01-31T18:00:00Z"'],
  [{ ...good, site: "no" }, "site: must be a URL"],
  [{ ...good, sure: "yes" }, "sure: must be true or false"],
  [{ ...good, own: "ab" }, "own: give three letters or more"],
  [{ ...good, other: 1 }, ": there is no such field"],
  [{ ...good, other: 1, more: 2 }, ": there are no such fields: other, more"],
  ["text", ": must be an object"],
])("%j", (value, words) => {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  expect(`${issue?.path.join(".")}: ${issue?.message}`).toBe(words);
});
