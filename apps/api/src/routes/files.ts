import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { DarkroomError, isDarkroomError, type ObjectHead } from "@darkroom/core";
import { verifyLink, type LinkTarget } from "@darkroom/storage";
import { PROBLEM_TYPE, problems, toProblem } from "../http/problem.ts";
import { LINK_SECURITY } from "../http/security-headers.ts";
import type { ApiServer, Services } from "../services.ts";

const params = z.object({ token: z.string().max(8_192), name: z.string().max(1_024) });

const fileSchema = z.unknown().meta({ type: "string", format: "binary" });

/**
 * Routes that serve linked files of local folders to providers. The token in the link authorizes the request, so no API
 * key is needed.
 */
export async function fileRoutes(app: ApiServer): Promise<void> {
  for (const method of ["GET", "HEAD"] as const) {
    app.route({
      method,
      url: "/files/:token/:name",
      helmet: LINK_SECURITY,
      schema: {
        operationId: method === "GET" ? "getFile" : "headFile",
        summary: "Get a file of a local folder, by a link that expires",
        tags: ["files"],
        security: [],
        params,
        response: {
          200: { description: "The file", content: { "application/octet-stream": { schema: fileSchema } } },
          206: { description: "A part of the file", content: { "application/octet-stream": { schema: fileSchema } } },
          ...problems(403, 404, 410, 416),
        },
      },
      handler: async (request, reply) => await sendFile(app.services, request.params.token, request, reply),
    });
  }
}

async function sendFile(
  services: Services,
  token: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const target = openLink(services.linkSecret, token);
  const store = services.openStore(target.storeUrl);
  const head = await store.head(target.key);
  if (head === undefined) throw new DarkroomError("storage_not_found", "The file of this link no longer exists.");
  const isMeant = ({ etag }: Pick<ObjectHead, "etag">): boolean => target.etag === undefined || target.etag === etag;
  const replaced = new DarkroomError(
    "link_expired",
    "Another file has replaced the one that this link was created for.",
  );
  if (!isMeant(head)) throw replaced;
  void reply
    .type(head.contentType ?? "application/octet-stream")
    .header("cache-control", "private, no-store")
    .header("accept-ranges", "bytes")
    .header("etag", `"${head.etag}"`);
  const range = parseRange(request.headers.range, head.sizeBytes);
  if (range === "unsatisfiable") {
    void reply.header("content-range", `bytes */${head.sizeBytes}`);
    const refused = toProblem(
      new DarkroomError("invalid_input", `The file has only ${head.sizeBytes} bytes.`, { field: "Range" }),
    );
    return await reply
      .code(416)
      .type(PROBLEM_TYPE)
      .send({ ...refused, status: 416, title: "Range Not Satisfiable" });
  }
  const { start, end } = range ?? { start: 0, end: head.sizeBytes - 1 };
  void reply.header("content-length", end - start + 1);
  if (range !== undefined) void reply.code(206).header("content-range", `bytes ${start}-${end}/${head.sizeBytes}`);
  if (request.method === "HEAD") return await reply.send();
  const { info, body } = await store.get(target.key, range === undefined ? {} : { range });
  if (!isMeant(info)) {
    body.destroy();
    throw replaced;
  }
  return await reply.send(body);
}

function openLink(secret: string, token: string): LinkTarget {
  try {
    return verifyLink(secret, token, Date.now());
  } catch (error) {
    // An API key would not help, so the error must not request a key.
    if (isDarkroomError(error, "unauthorized"))
      throw new DarkroomError("address_not_allowed", error.message, { cause: error });
    throw error;
  }
}

/** Parses a single range as defined by RFC 9110. Ignores several ranges and other units. */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): { readonly start: number; readonly end: number } | "unsatisfiable" | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (parts === null) return undefined;
  const [first = "", last = ""] = parts.slice(1);
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? "unsatisfiable" : { start: sizeBytes - length, end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= sizeBytes ? "unsatisfiable" : { start, end };
}
