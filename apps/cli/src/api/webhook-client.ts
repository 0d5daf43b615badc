import type * as api from "@darkroom/client";
import type { Frozen, Sent } from "@darkroom/client";
import { jsonBody, type ApiCaller } from "./api-caller.ts";

/** An endpoint of webhooks, without its secret. Times are ISO 8601. */
export type WebhookView = Frozen<api.Webhook>;
/** A new endpoint, or an endpoint with a new secret. Only this response contains the secret. */
export type IssuedWebhook = Frozen<api.IssuedWebhook>;
export type NewWebhook = WithEvents<Frozen<api.NewWebhookInput>>;
export type WebhookChange = WithEvents<Sent<"changeWebhook">>;
/** An attempt to deliver a message. */
export type DeliveryView = Frozen<api.WebhookDelivery>;

/** The API validates the event types that a user typed. */
type WithEvents<T> = Omit<T, "events"> & { readonly events?: readonly string[] | null };

/** Calls the API's routes for webhooks. */
export class WebhookClient {
  readonly #api: Pick<ApiCaller, "json" | "send">;

  constructor(api: Pick<ApiCaller, "json" | "send">) {
    this.#api = api;
  }

  async create(webhook: NewWebhook): Promise<IssuedWebhook> {
    return await this.#api.json({ method: "POST", path: "/v1/webhooks", ...jsonBody(webhook) });
  }

  /** Lists endpoints, newest first. */
  async list(): Promise<readonly WebhookView[]> {
    const path = "/v1/webhooks";
    return (await this.#api.json<{ readonly webhooks: readonly WebhookView[] }>({ method: "GET", path })).webhooks;
  }

  async show(id: string): Promise<WebhookView> {
    return await this.#api.json({ method: "GET", path: pathOf(id) });
  }

  async change(id: string, change: WebhookChange): Promise<WebhookView> {
    return await this.#api.json({ method: "POST", path: pathOf(id), repeatable: true, ...jsonBody(change) });
  }

  async remove(id: string): Promise<void> {
    await this.#api.send({ method: "DELETE", path: pathOf(id) });
  }

  async rotate(id: string, graceSeconds: number): Promise<IssuedWebhook> {
    return await this.#api.json({ method: "POST", path: pathOf(id, "/rotate"), ...jsonBody({ graceSeconds }) });
  }

  /** Returns the newest attempts, newest first. */
  async deliveries(id: string, limit: number): Promise<readonly DeliveryView[]> {
    const path = pathOf(id, `/deliveries?limit=${limit}`);
    const { deliveries } = await this.#api.json<{ deliveries: readonly DeliveryView[] }>({ method: "GET", path });
    return deliveries;
  }

  /** Sends one event again. @returns its `webhook-id` */
  async resendOne(id: string, delivery: string): Promise<string> {
    const path = pathOf(id, `/deliveries/${encodeURIComponent(delivery)}/resend`);
    return (await this.#api.json<{ message: string }>({ method: "POST", path, repeatable: true })).message;
  }

  /** Sends all events since a time again. @param since ISO 8601 */
  async resendSince(id: string, since: string): Promise<WebhookView> {
    const path = pathOf(id, "/resend");
    return await this.#api.json({ method: "POST", path, repeatable: true, ...jsonBody({ since }) });
  }

  /** Sends a test message. @returns its `webhook-id` */
  async test(id: string): Promise<string> {
    return (await this.#api.json<{ message: string }>({ method: "POST", path: pathOf(id, "/test") })).message;
  }
}

function pathOf(id: string, rest = ""): string {
  return `/v1/webhooks/${encodeURIComponent(id)}${rest}`;
}
