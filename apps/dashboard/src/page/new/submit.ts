import { call } from "../api/client.ts";
import type { BatchStatus, Quote } from "../api/types.ts";
import type { SubmissionBody } from "./submission.ts";

/** A submission with the manifest that is sent along. */
export interface Order {
  readonly body: SubmissionBody;
  readonly list: File | undefined;
}

/** @throws ApiError */
export async function askQuote({ body, list }: Order): Promise<Quote> {
  return (await (await call("POST", "/v1/quotes", sent({ body, list }))).json()) as Quote;
}

/**
 * Submits once, even if it is called twice with the same key.
 *
 * @throws ApiError
 */
export async function submit(order: Order, idempotencyKey: string): Promise<BatchStatus> {
  return (await (await call("POST", "/v1/batches", { ...sent(order), idempotencyKey })).json()) as BatchStatus;
}

function sent({ body, list }: Order): { readonly body: unknown } | { readonly form: FormData } {
  if (list === undefined) return { body };
  const form = new FormData();
  form.append("submission", JSON.stringify(body));
  form.append("manifest", list);
  return { form };
}
