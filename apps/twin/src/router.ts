import type { IncomingMessage, ServerResponse } from "node:http";
import { serveResult, type CdnWorld } from "./cdn-route.ts";
import { answerChat, type ChatWorld } from "./chat-route.ts";
import { answerControl, CONTROL_PATH, type ControlWorld } from "./control-route.ts";
import { sendJson } from "./json-http.ts";
import { answerPhota, PHOTA_PATH } from "./phota-route.ts";
import { type PhotaWorld } from "./phota-call.ts";
import { CDN_PATH } from "./portrait-name.ts";
import { presign, serveUpload, takeUpload, type UploadWorld } from "./upload-route.ts";
import { PUBLIC_PATH, UPLOAD_PATH } from "./upload-store.ts";

export type RouterWorld = ChatWorld & ControlWorld & UploadWorld & CdnWorld & PhotaWorld;

function answerMemory(world: ChatWorld, url: URL, request: IncomingMessage, response: ServerResponse): void {
  if (!world.knows(request)) return sendJson(response, 401, { detail: "Invalid API key" });
  const id = url.searchParams.get("session_id") ?? "";
  if (id === "") {
    const detail = [{ type: "missing", loc: ["query", "session_id"], msg: "Field required" }];
    return sendJson(response, 422, { detail });
  }
  if (request.method === "GET") return sendJson(response, 200, world.sessions.memory(id));
  sendJson(response, 200, { status: "ok", session_id: id, cleared_exchanges: world.sessions.clear(id) });
}

/** Routes a request to its handler. */
export async function route(world: RouterWorld, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://twin");
  const { pathname } = url;
  const { method } = request;
  if (method === "POST" && pathname === "/chat") return answerChat(world, "chat", request, response);
  if (method === "POST" && pathname === "/v1/chat/completions") {
    return answerChat(world, "chat-completions", request, response);
  }
  if ((method === "GET" || method === "HEAD") && pathname.startsWith(CDN_PATH)) {
    return serveResult(world, url, response, method === "GET");
  }
  if (pathname.startsWith(PHOTA_PATH)) {
    return answerPhota(world, pathname.slice(PHOTA_PATH.length), request, response);
  }
  if ((method === "GET" || method === "DELETE") && pathname === "/memory") {
    return answerMemory(world, url, request, response);
  }
  if (method === "POST" && pathname === "/v1/upload/presign") return presign(world, request, response);
  if (method === "PUT" && pathname.startsWith(UPLOAD_PATH)) return takeUpload(world, url, request, response);
  if ((method === "GET" || method === "HEAD") && pathname.startsWith(PUBLIC_PATH)) {
    return serveUpload(world, pathname.slice(PUBLIC_PATH.length), response, method === "GET");
  }
  if (method === "GET" && pathname === "/health") return sendJson(response, 200, { status: "ok" });
  if (pathname.startsWith(CONTROL_PATH)) {
    return answerControl(world, pathname.slice(CONTROL_PATH.length), request, response);
  }
  sendJson(response, 404, { detail: "Not found" });
}
