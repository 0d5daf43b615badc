import type { FastifyRequest } from "fastify";
import {
  ALL_TENANTS,
  hashOfKey,
  isSameHash,
  judgeKey,
  readKeyText,
  type KeyRecord,
  type KeyVerdict,
} from "@darkroom/access";
import { DarkroomError } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { Services } from "../services.ts";
import { sameMachineCheck } from "./loopback.ts";
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

/**
 * Identifies the caller of a request. Without a root key, programs on this machine need no key. If a program sends a
 * key, that key is checked.
 *
 * @param rootKey `DARKROOM_API_KEY`
 * @throws DarkroomError `unauthorized`, or `limit_reached` for too many calls, from the returned function
 */
export function authenticator(
  rootKey: string | undefined,
): (request: FastifyRequest, services: Pick<Services, "keys" | "checkConnected">) => Promise<Caller> {
  const rootHash = rootKey === undefined ? undefined : hashOfKey(rootKey);
  return async (request, services) => {
    if (rootHash === undefined) sameMachineCheck(request);
    const shown = shownKey(request);
    if (shown === undefined) {
      if (rootHash === undefined) return { id: "local", ...EVERYTHING };
      throw new DarkroomError("unauthorized", `This requires the API key: ${HOW}.`);
    }
    if (rootHash !== undefined && isSameHash(hashOfKey(shown), rootHash)) return { id: "root", ...EVERYTHING };
    return await keyCaller(shown, request, services);
  };
}

async function keyCaller(
  shown: string,
  request: FastifyRequest,
  { keys, checkConnected }: Pick<Services, "keys" | "checkConnected">,
): Promise<Caller> {
  const key = readKeyText(shown);
  if (key.kind === "other") throw new DarkroomError("unauthorized", `The API key is wrong: ${HOW}.`);
  if (key.kind === "damaged") {
    const message = "The API key is misspelt or cut: its checksum does not fit. Copy all of it again.";
    throw new DarkroomError("unauthorized", message);
  }
  checkConnected();
  const record = await keys.read(key.id);
  const verdict = judgeKey(record, hashOfKey(key.text), serverNow());
  if (record === undefined || verdict !== "good") throw refusal(verdict, key.id, record);
  const { id, tenant, scopes, limits, expiresAt } = record;
  const waitMs = await keys.use(record, { at: new Date(serverNow()).toISOString(), address: request.ip });
  if (waitMs > 0) throw tooManyCalls(limits.callsPerMinute ?? 0, waitMs);
  return { id, tenant, scopes, limits, expiresAt };
}

function tooManyCalls(callsPerMinute: number, retryAfterMs: number): DarkroomError {
  const message = `callsPerMinute: this key may make ${callsPerMinute} calls a minute. Wait for Retry-After.`;
  return new DarkroomError("limit_reached", message, { retryable: true, retryAfterMs });
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
      return `The API key is wrong: ${HOW}.`;
  }
  return verdict satisfies never;
}
