import { signal } from "@preact/signals";

/** An error response of the API (RFC 9457). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** True once the server has refused a request because of a missing key. */
export const needsKey = signal(false);

/** @throws ApiError for every status except 2xx; code `unreachable` if there was no response */
export async function call(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const { body, file, form, signal: abort, idempotencyKey } = options;
  const sent = body === undefined ? (form ?? file) : JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(file === undefined ? {} : { "content-type": "application/octet-stream" }),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      },
      ...(sent === undefined ? {} : { body: sent }),
      ...(abort === undefined ? {} : { signal: abort }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "Darkroom does not answer. Check that it is running.");
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { readonly code?: string; readonly detail?: string };
  if (response.status === 401) needsKey.value = true;
  throw new ApiError(
    response.status,
    problem.code ?? "unknown",
    problem.detail ?? `The server said ${response.status}.`,
  );
}

export interface CallOptions {
  readonly body?: unknown;
  /** A file or a form instead of a body in JSON. */
  readonly file?: File;
  readonly form?: FormData;
  readonly signal?: AbortSignal;
  readonly idempotencyKey?: string;
}

/** @throws ApiError */
export async function getJson<T>(path: string, abort?: AbortSignal): Promise<T> {
  const response = await call("GET", path, abort === undefined ? {} : { signal: abort });
  return (await response.json()) as T;
}

/** Sends an order exactly once, even if the request is repeated. */
export async function order<T>(path: string, body?: unknown): Promise<T> {
  const response = await call("POST", path, { ...(body === undefined ? {} : { body }), idempotencyKey: newKey() });
  return (await response.json()) as T;
}

/** Returns 128 random bits in hex, because `crypto.randomUUID` is missing on plain HTTP. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
