import { expect, test } from "vitest";
import { ERROR_CODES, ERROR_MEANINGS } from "@darkroom/core";
import { createServer } from "../server.ts";

test("a problem's type is a page that explains its code, without a key", async () => {
  const app = await createServer({ apiKey: "root", hasDocs: false });
  const problem = (await app.inject({ url: "/nothing" })).json<{ type: string }>();
  expect(problem.type).toBe("/errors/not_found");
  for (const code of ERROR_CODES) {
    const page = await app.inject({ url: `/errors/${code}` });
    expect([code, page.statusCode, page.headers["content-type"]]).toEqual([code, 200, "text/html; charset=utf-8"]);
    expect(page.body).toContain(`<code>${code}</code>`);
    expect(page.body.toLowerCase()).toContain(ERROR_MEANINGS[code].advice.toLowerCase());
  }
  expect((await app.inject({ url: "/errors/nonsense" })).statusCode).toBe(400);
  await app.close();
});
