import { Agent, request as requestHttp, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Time in which a connection must be open. */
const CONNECT_WITHIN_MS = 10_000;
const KEPT = { keepAlive: true } as const;

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FormData | undefined;
  readonly signal: AbortSignal | undefined;
  /** Timeout for the start of the response. */
  readonly answerWithinMs: number;
  /** Silence after which the response's body counts as lost. */
  readonly silenceMs: number;
}

/**
 * Sends requests over connections that stay open. It uses Node's own client, because loading a larger one takes longer
 * than a command that only shows something.
 */
export class HttpRequests {
  #agent: Agent | undefined;

  /** Resolves when the response begins, whatever its status; its body is the message itself. */
  async send({ url, body, answerWithinMs, silenceMs, signal, ...rest }: HttpRequest): Promise<IncomingMessage> {
    const { agent, request } = await this.#connector(url);
    const form = body instanceof FormData ? new Response(body) : undefined;
    const type = form?.headers.get("content-type");
    const headers = { ...rest.headers, ...(type == null ? {} : { "content-type": type }) };
    const sent = request(url, { agent, headers, method: rest.method, ...(signal === undefined ? {} : { signal }) });
    const late = setTimeout(() => sent.destroy(new Error("it does not answer")), answerWithinMs);
    const unconnected = setTimeout(() => sent.destroy(new Error("no connection in time")), CONNECT_WITHIN_MS);
    sent.once("socket", (socket) => {
      if (socket.connecting) socket.once("connect", () => clearTimeout(unconnected));
      else clearTimeout(unconnected);
    });
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        sent.once("error", reject).once("response", resolve);
        if (form?.body == null) sent.end(typeof body === "string" ? body : undefined);
        else pipeline(Readable.fromWeb(form.body), sent).catch(reject);
      });
      sent.setTimeout(silenceMs, () => response.destroy(new Error("it has stopped answering")));
      // The reader of the body gets the error as well.
      sent.on("error", (error) => response.destroy(error));
      return response;
    } finally {
      clearTimeout(late);
      clearTimeout(unconnected);
    }
  }

  async #connector(url: URL): Promise<{ readonly agent: Agent; readonly request: typeof requestHttp }> {
    if (url.protocol !== "https:") return { agent: (this.#agent ??= new Agent(KEPT)), request: requestHttp };
    const https = await import("node:https");
    return { agent: (this.#agent ??= new https.Agent(KEPT)), request: https.request };
  }

  /** Ends all requests. */
  close(): void {
    this.#agent?.destroy();
  }
}
