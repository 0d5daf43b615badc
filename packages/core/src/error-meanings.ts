import type { ErrorCode } from "./errors.ts";

/** The meaning of each error and its remedy, in plain text. */
export interface ErrorMeaning {
  readonly meaning: string;
  readonly advice: string;
}

/** A test compares this table with `docs/error-codes.md`. The API serves it at the `type` of its problems. */
export const ERROR_MEANINGS: Readonly<Record<ErrorCode, ErrorMeaning>> = {
  invalid_settings: {
    meaning: "environment variables are wrong; all are named",
    advice: "correct them (configuration)",
  },
  invalid_input: {
    meaning: "a request, recipe, template or manifest cannot be accepted",
    advice: "correct the named field",
  },
  not_found: {
    meaning: "no such batch, portrait, schedule or path",
    advice: "check the id",
  },
  conflict: {
    meaning: "the current state does not allow it, or another request is working on it",
    advice: "look at the state, then decide",
  },
  stale: {
    meaning: "the order would undo a newer one; nothing was changed",
    advice: "look at the batch, then decide again",
  },
  idempotency_key_reused: {
    meaning: "the Idempotency-Key belongs to another request; nothing was changed",
    advice: "use a new key for a new request",
  },
  unauthorized: {
    meaning: "the API key is missing or wrong, or the link is not this server's",
    advice: "send the correct key, or get a new link",
  },
  forbidden: {
    meaning: "the API key lacks the scope, or its limits exclude this source, destination, lane or row",
    advice: "use what the message names, or ask the operator for another key",
  },
  limit_reached: {
    meaning: "the API key has made its calls of this minute, or used up its rows or USD of this day",
    advice: "wait for Retry-After, or ask the operator for a higher limit",
  },
  storage_not_found: {
    meaning: "the bucket, folder or object does not exist",
    advice: "check the URL",
  },
  storage_denied: {
    meaning: "the object store denies access, or a folder is outside DARKROOM_LOCAL_ROOTS",
    advice: "grant the permission, or allow the folder",
  },
  storage_refused: {
    meaning: "the object store refuses this object or request: archived, encrypted with an unavailable key",
    advice: "do what the store's message says",
  },
  storage_unavailable: {
    meaning: "the object store does not answer",
    advice: "wait; check network and endpoint",
  },
  storage_full: {
    meaning: "the disk is full, or a quota is used up",
    advice: "make room; waiting portraits continue",
  },
  storage_invalid: {
    meaning: "the object store can never take this name, range or size",
    advice: "use another name",
  },
  overloaded: {
    meaning: "the API's process has too much to do or too little memory; nothing was changed",
    advice: "wait for Retry-After; run more APIs, or give it more memory",
  },
  redis_unsuitable: {
    meaning: "Redis may evict keys, has no append-only file, or is too old",
    advice: "change the named setting",
  },
  redis_unavailable: {
    meaning: "Redis does not answer, refuses the login, or takes no writes",
    advice: "do what the message says; check REDIS_URL",
  },
  link_expired: {
    meaning: "a link to a photo has expired",
    advice: "request a new one",
  },
  address_not_allowed: {
    meaning: "the address of a source or webhook is in a private network",
    advice: "use a public address, or set DARKROOM_ALLOW_PRIVATE_SOURCES or DARKROOM_ALLOW_PRIVATE_WEBHOOKS",
  },
  remote_refused: {
    meaning: "the server of an https:// source asks for a login, forbids access, or redirects in a circle",
    advice: "use a public link",
  },
  remote_unavailable: {
    meaning: "the server of an https:// source does not answer or is busy",
    advice: "wait, or check the link's host",
  },
  tool_missing: {
    meaning: "a program is not installed",
    advice: "install it; the message names it",
  },
  internal: {
    meaning: "a fault of Darkroom",
    advice: "report it with the log",
  },
};
