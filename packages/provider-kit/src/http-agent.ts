import { OutgoingAgent, type ProxySettings } from "@darkroom/web-fetch";

/** Only a fallback: every call has its own Deadline, and an agent's run may last an hour (provider contract A.5). */
const SILENCE_MS = 3_600_000;
const CONNECT_TIMEOUT_MS = 10_000;
/**
 * Shorter than a load balancer's idle timeout, because a request sent on a connection that was just closed would be
 * lost.
 */
const KEEP_ALIVE_MS = 4_000;

export interface HttpAgentOptions {
  /** Timeout for one connection including TLS. Defaults to ten seconds. */
  readonly connectTimeoutMs?: number;
  /** How long an idle connection is kept. Defaults to four seconds. */
  readonly keepAliveMs?: number;
  /** Defaults to none. */
  readonly proxy?: ProxySettings | undefined;
}

/**
 * Creates an agent for calls that last minutes: HTTP/1.1, one request per connection, as many connections as needed.
 * With HTTP/2, one dropped socket would break up to a hundred paid streams.
 */
export function createHttpAgent(options: HttpAgentOptions = {}): OutgoingAgent {
  const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  return new OutgoingAgent({
    proxy: options.proxy,
    allowH2: false,
    pipelining: 1,
    connections: null,
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
    keepAliveTimeout: options.keepAliveMs ?? KEEP_ALIVE_MS,
    connectTimeout: connectTimeoutMs,
    connect: { timeout: connectTimeoutMs },
  });
}
