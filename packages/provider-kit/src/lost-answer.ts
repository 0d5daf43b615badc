import type { Exchange } from "./exchange.ts";
import type { EnhanceAnswer } from "./provider.ts";
import { BodyUnreadable } from "./streamed-body.ts";

type Lost = Extract<Exchange, { readonly kind: "failed" | "ended" }>;

/** Undici's and Node's codes name what broke; their messages may name addresses. */
function codeOf(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return /^[\w-]{1,60}$/.test(code) ? code : "unknown";
}

/**
 * What an exchange without an answer means. A request that was sent may have been paid (`billed: "maybe"`); one that
 * was not has cost nothing.
 *
 * @param who the provider's name, for the message
 */
export function lostAnswer(lost: Lost, who: string): EnhanceAnswer {
  const sent = lost.sent;
  const billed = sent ? "maybe" : "no";
  if (lost.kind === "failed") {
    if (lost.error instanceof BodyUnreadable) {
      const message = `the picture could not be sent to ${who}: ${lost.error.message}`;
      return { kind: "failed", code: "provider_error", sent, billed, message };
    }
    const what = sent ? `the connection to ${who} broke before the answer` : `no connection to ${who}`;
    return { kind: "failed", code: "provider_error", sent, billed, message: `${what} (${codeOf(lost.error)})` };
  }
  switch (lost.by) {
    case "caller":
      return { kind: "aborted", sent, message: `the call to ${who} was stopped` };
    case "deadline":
      return { kind: "failed", code: "timeout", sent, billed, message: `${who} did not answer within the deadline` };
    case "idle":
      return { kind: "failed", code: "timeout", sent, billed, message: `${who} was silent for too long` };
    default:
      return lost.by satisfies never;
  }
}
