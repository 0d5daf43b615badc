import { Pool } from "undici";

export interface Answered<T> {
  readonly status: number;
  readonly body: T;
  /** Time from sending the request to the last byte. */
  readonly tookMs: number;
}

/** Creates an API client that measures durations. */
export function createTimedClient(apiUrl: string) {
  const pool = new Pool(apiUrl, { connections: 8 });
  return {
    async call<T = unknown>(method: "GET" | "POST", path: string, body?: unknown): Promise<Answered<T>> {
      const startedAt = performance.now();
      const response = await pool.request({
        method,
        path,
        ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      const text = await response.body.text();
      const tookMs = performance.now() - startedAt;
      if (response.statusCode >= 400) throw new Error(`${method} ${path}: HTTP ${response.statusCode} ${text}`);
      return { status: response.statusCode, body: JSON.parse(text) as T, tookMs };
    },
    close: () => pool.close(),
  };
}

export type TimedClient = ReturnType<typeof createTimedClient>;
