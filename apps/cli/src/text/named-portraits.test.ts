import { expect, it } from "vitest";
import { DarkroomClient } from "../api/client.ts";
import { namedPortraits, NONE_NAMED } from "./named-portraits.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";

function failed(id: string | null, source: string, code: string) {
  return { index: 0, id, source, state: "failed", outcome: { code, message: `why ${code}` } };
}

async function namesOf(status: Parameters<typeof namedPortraits>[1], isDown = false) {
  await using api = await startTestApi(({ url }, response) => {
    if (isDown) return sendJson(response, { code: "storage_unavailable" }, 503, "application/problem+json");
    if (url.endsWith("/consistency")) {
      return sendJson(response, { portraits: ["a", "b", "c", "d"].map((id) => ({ id })) });
    }
    const portraits = [
      failed("7", "in/a.jpg", "destination_taken"),
      failed(null, "in/b.jpg", "destination_taken"),
      failed("9", "in/c.jpg", "no_face"),
      failed("10", "in/d.jpg", "destination_taken"),
      failed("11", "in/e.jpg", "destination_taken"),
    ];
    sendJson(response, { portraits, nextCursor: 5 });
  });
  const client = new DarkroomClient(api.url, undefined);
  try {
    return { names: await namedPortraits(client, status), asked: api.asked.length };
  } finally {
    await client.close();
  }
}

const consistency = { score: 80, measured: 9, review: 4 };
const BAD = testStatus({ failed: 5, succeeded: 9 }, { failures: { destination_taken: 4, no_face: 1 }, consistency });

it("names the first portraits that stand out, and of each failure, with two requests", async () => {
  const { names, asked } = await namesOf(BAD);
  expect(names.standingOut).toEqual(["a", "b", "c", "d"]);
  expect([...names.failed]).toEqual([
    ["destination_taken", ["7", "in/b.jpg", "10", "11"]],
    ["no_face", ["9"]],
  ]);
  expect([...names.reasons]).toEqual([
    ["destination_taken", [{ words: "why destination_taken", who: ["7", "in/b.jpg", "10", "11"] }]],
    ["no_face", [{ words: "why no_face", who: ["9"] }]],
  ]);
  expect(asked).toBe(2);
});

it("sends no request for a batch without portraits to name", async () => {
  const status = testStatus({ succeeded: 9 }, { consistency: { ...consistency, review: 0 } });
  expect(await namesOf(status)).toEqual({ names: NONE_NAMED, asked: 0 });
});

it("names none if the API does not know", async () => {
  const { names } = await namesOf(BAD, true);
  expect(names).toEqual(NONE_NAMED);
});
