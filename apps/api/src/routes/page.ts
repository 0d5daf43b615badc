import { loadPage, type PageFile } from "@darkroom/dashboard";
import { DarkroomError } from "@darkroom/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { PAGE_SECURITY } from "../http/security-headers.ts";
import type { ApiServer } from "../services.ts";

/** Paths of the page's views, which share one document. */
const VIEWS = ["/", "/new", "/operate", "/link", "/batches/:id"];
const DAY_S = 86_400;

/** Monitors ask for the page with HEAD. */
const ROUTE = { schema: { hide: true }, exposeHeadRoute: true, helmet: PAGE_SECURITY } as const;

/** The route for the web page. The page contains no data: it reads the API like any other client. */
export async function pageRoutes(app: ApiServer): Promise<void> {
  for (const view of VIEWS) {
    app.get(view, ROUTE, async (request, reply) => send(await fileAt("/"), request, reply));
  }
  app.get("/assets/:file", ROUTE, async (request, reply) => send(await fileAt(request.url), request, reply));
}

async function fileAt(path: string): Promise<PageFile> {
  const file = (await loadPage()).get(path);
  if (file === undefined) throw new DarkroomError("not_found", "The page has no such file.");
  return file;
}

function send(file: PageFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply
    .type(file.contentType)
    .header("etag", `"${file.etag}"`)
    .header("vary", "accept-encoding")
    .header("cache-control", file.immutable ? `public, max-age=${DAY_S * 365}, immutable` : "no-cache");
  if (request.headers["if-none-match"] === `"${file.etag}"`) return reply.code(304).send();
  const accepted = request.headers["accept-encoding"] ?? "";
  if (/\bbr\b/.test(accepted)) return reply.header("content-encoding", "br").send(file.brotli);
  if (/\bgzip\b/.test(accepted)) return reply.header("content-encoding", "gzip").send(file.gzip);
  return reply.send(file.plain);
}
