import type { FastifyReply, FastifyRequest } from "fastify";
import {
  ALL_TENANTS,
  hashOfKey,
  isSameHash,
  judgeKey,
  keyState,
  readKeyText,
  type KeyRecord,
  type KeyVerdict,
  type Session,
} from "@darkroom/access";
import { DarkroomError } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { Services } from "../services.ts";
import { checkOrigin, shownSession } from "./session-cookie.ts";
import { sameMachineCheck } from "./loopback.ts";
import { showQuota } from "./rate-limit-headers.ts";
import type { Caller } from "./caller.ts";

const API_KEY_HEADER = "x-api-key";

/** Returns the API key of a request, from `Authorization: Bearer` or `X-API-Key`. */
function shownKey({ headers }: FastifyRequest): string | undefined {
  const header = headers[API_KEY_HEADER];
  if (typeof header === "string") return header;
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
}

const EVERYTHING = { tenant: ALL_TENANTS, scopes: ["admin"], limits: {} } as const;

const HOW = 'send it as "Authorization: Bearer <key>" or as "X-API-Key: <key>"';

const WRONG = "The API key is wrong. Copy all of it again.";
const ROOT = "root";

type Needs = Pick<Services, "keys" | "sessions" | "checkConnected">;

/** A request, and the response that shows the limits of its key. */
interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Authenticates requests. Each function throws `unauthorized`, or `limit_reached` for too many calls. */
export interface Authenticator {
  /**
   * Identifies the caller of a request by an API key or a session cookie. Without a root key, programs on this machine
   * need neither. If such a program sends a key, that key is checked.
   */
  readonly identify: (visit: Visit, services: Needs) => Promise<Caller>;
  /** Checks a key that a user typed. Later requests of the session check the same secret again. */
  readonly signIn: (
    key: string,
    visit: Visit,
    services: Needs,
  ) => Promise<{ readonly caller: Caller; readonly session: Session }>;
}

/** @param rootKey `DARKROOM_API_KEY` */
export function authenticator(rootKey: string | undefined): Authenticator {
  const rootHash = rootKey === undefined ? undefined : hashOfKey(rootKey);

  const callerOf = async ({ key, hash }: Session, visit: Visit, services: Needs): Promise<Caller> => {
    if (key !== ROOT) return await keyCaller({ key, hash }, visit, services);
    if (rootHash !== undefined && isSameHash(hash, rootHash)) return { id: ROOT, ...EVERYTHING };
    throw new DarkroomError("unauthorized", "The API key that you signed in with was replaced. Sign in again.");
  };

  const sessionOf = (shown: string): Session => {
    const hash = hashOfKey(shown);
    return rootHash !== undefined && isSameHash(hash, rootHash) ? { key: ROOT, hash } : { key: idOf(shown), hash };
  };

  return {
    async identify(visit, services) {
      const { request } = visit;
      if (rootHash === undefined) sameMachineCheck(request);
      const shown = shownKey(request);
      if (shown !== undefined) return await callerOf(sessionOf(shown), visit, services);
      const session = await signedIn(request, services);
      if (session !== undefined) return await callerOf(session, visit, services);
      if (rootHash === undefined) return { id: "local", ...EVERYTHING };
      throw new DarkroomError("unauthorized", `This requires the API key: ${HOW}.`);
    },
    async signIn(key, visit, services) {
      if (rootHash === undefined) sameMachineCheck(visit.request);
      const session = sessionOf(key);
      return { caller: await callerOf(session, visit, services), session };
    },
  };
}

/** Returns the session of a request's cookie; undefined without a cookie, or if the session has expired. */
async function signedIn(request: FastifyRequest, { sessions, checkConnected }: Needs): Promise<Session | undefined> {
  const id = shownSession(request);
  if (id === undefined) return undefined;
  checkConnected();
  const session = await sessions.read(id);
  if (session !== undefined) checkOrigin(request);
  return session;
}

/** @throws DarkroomError `unauthorized` for a text that is not a key */
function idOf(shown: string): string {
  const key = readKeyText(shown);
  if (key.kind === "key") return key.id;
  if (key.kind === "other") throw new DarkroomError("unauthorized", WRONG);
  const message = "The API key is misspelt or cut: its checksum does not fit. Copy all of it again.";
  throw new DarkroomError("unauthorized", message);
}

async function keyCaller(
  shown: Session,
  { request, reply }: Visit,
  { keys, checkConnected }: Pick<Services, "keys" | "checkConnected">,
): Promise<Caller> {
  checkConnected();
  const record = await keys.read(shown.key);
  const verdict = judgeKey(record, shown.hash, serverNow());
  if (record === undefined || verdict !== "good") throw refusal(verdict, shown.key, record);
  if (keyState(record, serverNow(), await keys.makerOf(record)) !== "active") throw endedWithMaker();
  const { id, tenant, scopes, limits, expiresAt, link } = record;
  const use = { at: new Date(serverNow()).toISOString(), address: request.ip };
  const { waitMs, quota } = await keys.use(record, use);
  if (quota !== undefined) showQuota(reply, quota);
  if (waitMs > 0) throw tooManyCalls(limits.callsPerMinute ?? 0, waitMs);
  return { id, tenant, scopes, limits, expiresAt, link };
}

function tooManyCalls(callsPerMinute: number, retryAfterMs: number): DarkroomError {
  const message = `callsPerMinute: this key may make ${callsPerMinute} calls a minute. Wait for Retry-After.`;
  return new DarkroomError("limit_reached", message, { retryable: true, retryAfterMs });
}

function endedWithMaker(): DarkroomError {
  const message = "This link no longer works, because the key that created it was revoked or has expired.";
  return new DarkroomError("unauthorized", `${message} Ask its sender for a new one.`);
}

function refusal(verdict: KeyVerdict, id: string, record: KeyRecord | undefined): DarkroomError {
  return new DarkroomError("unauthorized", refusalText(verdict, id, record));
}

function refusalText(verdict: KeyVerdict, id: string, record: KeyRecord | undefined): string {
  const ask = "Ask its issuer for a new one.";
  switch (verdict) {
    case "revoked":
      return `The API key ${id} was revoked at ${record?.revokedAt ?? ""}. ${ask}`;
    case "expired":
      return `The API key ${id} expired at ${record?.expiresAt ?? ""}. ${ask}`;
    case "rotated":
      return `The API key ${id} was rotated, and its former secret no longer works. Use the new one.`;
    case "good":
    case "wrong":
      return WRONG;
  }
  return verdict satisfies never;
}
