import type { ServerResponse } from "node:http";
import type { CallRecord } from "./billing-ledger.ts";
import type { ChatWorld } from "./chat-route.ts";
import type { PhotaRequest } from "./phota-request.ts";
import type { ProfileStore } from "./profile-store.ts";
import type { SignedLinks } from "./signed-links.ts";

/** An accepted request. */
export interface PhotaCall {
  readonly response: ServerResponse;
  readonly request: PhotaRequest;
  readonly record: CallRecord;
  readonly session: string;
  readonly portrait: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Base URL of results as seen by the client. Ends with `/cdn/`. */
  readonly cdnUrl: string;
}

export interface PhotaWorld extends ChatWorld {
  readonly links: SignedLinks;
  readonly profiles: ProfileStore;
}
