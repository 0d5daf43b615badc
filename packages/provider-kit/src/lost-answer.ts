import { faultCode, whyNoConnection } from "@darkroom/web-fetch";
import type { Exchange } from "./exchange.ts";
import type { EnhanceAnswer } from "./provider.ts";
import { BodyUnreadable } from "./streamed-body.ts";

/** An exchange without an answer. */
export type LostExchange = Extract<Exchange, { readonly kind: "failed" | "ended" }>;

/** Marks an answer without a connection: no request was sent, and the data to send is not at fault. */
export function reachOf(lost: LostExchange): { readonly unreached?: true } {
  const isOurs = lost.kind === "failed" ? lost.error instanceof BodyUnreadable : lost.by === "caller";
  return lost.connected || isOurs ? {} : { unreached: true };
}

/**
 * Formats why an exchange had no answer, without addresses and secrets.
 *
 * @param who the server's name
 */
export function lostMessage(lost: LostExchange, who: string): string {
  if (lost.kind === "failed") {
    if (lost.error instanceof BodyUnreadable) return `the picture could not be sent to ${who}: ${lost.error.message}`;
    return lost.connected
      ? `the connection to ${who} broke before the answer (${faultCode(lost.error)})`
      : `no connection to ${who} (${whyNoConnection(lost.error)})`;
  }
  switch (lost.by) {
    case "caller":
      return `the call to ${who} was cancelled`;
    case "deadline":
      return `${who} did not answer within the deadline`;
    case "idle":
      return `${who} was silent for too long`;
    default:
      return lost.by satisfies never;
  }
}

/**
 * Converts an exchange without a response to an answer. A request that was sent may have been paid (`billed: "maybe"`).
 * Any other request cost nothing.
 *
 * @param who the provider's name, for the message
 */
export function lostAnswer(lost: LostExchange, who: string): EnhanceAnswer {
  const { sent } = lost;
  const message = lostMessage(lost, who);
  if (lost.kind === "ended" && lost.by === "caller") return { kind: "aborted", sent, message };
  const code = lost.kind === "failed" ? "provider_error" : "timeout";
  return { kind: "failed", code, sent, billed: sent ? "maybe" : "no", ...reachOf(lost), message };
}
