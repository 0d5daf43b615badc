import { z } from "zod";
import { ERROR_CODES, ERROR_MEANINGS, type ErrorCode } from "@darkroom/core";
import { problems, titleOf } from "../http/problem.ts";
import type { ApiServer } from "../services.ts";

const params = z.object({ code: z.enum(ERROR_CODES) });

/** The route for the page of an error, which is the `type` of its problems. It needs no key and contains no data. */
export async function errorPageRoute(app: ApiServer): Promise<void> {
  app.get(
    "/errors/:code",
    {
      schema: {
        operationId: "getErrorPage",
        summary: "Explain an error code, for people",
        tags: ["operations"],
        security: [],
        params,
        response: {
          200: { description: "The page", content: { "text/html": { schema: z.string() } } },
          ...problems(400),
        },
      },
    },
    async ({ params: { code } }, reply) =>
      await reply.type("text/html; charset=utf-8").header("cache-control", "public, max-age=3600").send(pageOf(code)),
  );
}

function pageOf(code: ErrorCode): string {
  const { meaning, advice } = ERROR_MEANINGS[code];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${code} · Darkroom</title>
<h1><code>${code}</code></h1>
<p>${escaped(titleOf(code))}.</p>
<h2>Meaning</h2>
<p>${escaped(sentence(meaning))}</p>
<h2>What to do</h2>
<p>${escaped(sentence(advice))}</p>
<p>The problem's <code>detail</code> says what was wrong in this case. <a href="/docs/">The API's documentation</a></p>
</html>
`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
