import type { FastifyReply, FastifyRequest } from "fastify";
import { canonicalJson, sha256 } from "@darkroom/core";
import { makersTenant } from "../../access/caller.ts";
import type { ApiServer } from "../../services.ts";
import { AnswerNotKept } from "./answer-not-kept.ts";
import type { KeptAnswer } from "./entry.ts";
import type { HeldRequest } from "./held-request.ts";
import { idempotencyKey } from "./idempotency-key.ts";

/** Longest answer that is kept. */
const MAX_KEPT_CHARS = 256 * 1_024;

/** How a route handles a repeated `Idempotency-Key`. */
interface RouteRepeats {
  /**
   * - `once` (default): the first answer again. If the first request's server died, its end is unknown, and a repetition
   *   is refused.
   * - `safely`: the same, but after such a death a repetition is carried out, because it does nothing twice.
   * - `own`: the route reads the key.
   * - `reads`: the route changes nothing, and the key is ignored.
   */
  readonly repeats?: "once" | "safely" | "own" | "reads";
  /** True if the answer holds a secret, which must not be stored. */
  readonly showsSecret?: boolean;
}

/** True for routes that take an `Idempotency-Key`. A `PUT` can be repeated without one. */
export function takesKey(method: string, { repeats = "once" }: RouteRepeats): boolean {
  return (method === "POST" || method === "DELETE") && repeats !== "reads";
}

interface Running {
  readonly held: HeldRequest;
  readonly digest: string;
  hasUnknownEnd: boolean;
}

/** Gives a repeated request with the same `Idempotency-Key` the first answer, on every route that changes something. */
export function repeatAnswers(app: ApiServer): void {
  const running = new WeakMap<FastifyRequest, Running>();

  app.addHook("preHandler", async (request, reply) => {
    const { config } = request.routeOptions;
    const { repeats } = config;
    if (!takesKey(request.method, config) || repeats === "own") return;
    const key = idempotencyKey(request);
    if (key === undefined) return;
    const digest = digestOf(request);
    const tenant = makersTenant(request.caller);
    const begun = await app.services.idempotency.begin({ key, digest, tenant, isRepeatable: repeats === "safely" });
    if (begun.kind === "answered") return sendAgain(begun.answer, reply);
    running.set(request, { held: begun.held, digest, hasUnknownEnd: false });
  });

  app.addHook("onError", async (request, _reply, error) => {
    const first = running.get(request);
    if (first !== undefined) first.hasUnknownEnd = "code" in error && error.code === "FST_ERR_HANDLER_TIMEOUT";
  });

  app.addHook("onSend", async (request, reply, payload) => {
    const first = running.get(request);
    if (first === undefined) return payload;
    running.delete(request);
    const { held, digest, hasUnknownEnd } = first;
    try {
      if (hasUnknownEnd) await held.abandon();
      else if (reply.statusCode >= 400) await held.free();
      else await held.end(digest, keptAnswer(reply, payload, request.routeOptions.config));
    } catch (error) {
      request.log.warn({ err: error }, "keeping the answer of an Idempotency-Key");
    }
    return payload;
  });
}

function digestOf({ method, url, body }: FastifyRequest): string {
  return sha256(canonicalJson({ method, url, body: body ?? null }));
}

function keptAnswer(reply: FastifyReply, payload: unknown, { showsSecret = false }: RouteRepeats): KeptAnswer {
  const location = reply.getHeader("location");
  const known = { status: reply.statusCode, ...(typeof location === "string" ? { location } : {}) };
  if (typeof payload !== "string" || payload === "") return known;
  if (showsSecret) return { ...known, withoutBody: "secret", id: idIn(payload) };
  if (payload.length > MAX_KEPT_CHARS) return { ...known, withoutBody: "too long" };
  return { ...known, body: payload };
}

function idIn(json: string): string | undefined {
  const value: unknown = JSON.parse(json);
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
  return typeof id === "string" ? id : undefined;
}

/** @throws DarkroomError `conflict` if the answer was not kept */
function sendAgain({ status, location, body, withoutBody, id }: KeptAnswer, reply: FastifyReply): FastifyReply {
  if (withoutBody === "secret") {
    const message = `This request was carried out before${id === undefined ? "" : `, for ${id}`}. Its answer showed a secret once, which is not stored. If you have not got it, rotate or revoke it.`;
    throw new AnswerNotKept(message, id);
  }
  if (withoutBody === "too long") {
    throw new AnswerNotKept("This request was carried out before. Its answer was too long to be kept.", id);
  }
  void reply.code(status).header("idempotency-replayed", "true");
  if (location !== undefined) void reply.header("location", location);
  if (body === undefined) return reply.send();
  return reply.type("application/json; charset=utf-8").serializer(String).send(body);
}

declare module "fastify" {
  interface FastifyContextConfig extends RouteRepeats {}
}
