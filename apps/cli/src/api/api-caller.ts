import { setTimeout as sleep } from "node:timers/promises";
import type { IncomingMessage } from "node:http";
import { json, text } from "node:stream/consumers";
import { HttpRequests } from "./http-request.ts";
import { errorOfAnswer, unreachable } from "./problem.ts";

/** Timeout for the start of a response. The API reads an upload completely before it responds. */
const ANSWER_WITHIN_MS = 60_000;
const RETRY_WAITS_MS = [200, 800];

export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: string | FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly answerWithinMs?: number;
  readonly silenceMs?: number;
  /** True if the request may safely be repeated after a lost connection. Defaults to true for GET. */
  readonly repeatable?: boolean;
}

/**
 * Calls the status API. Throws the API's errors as `DarkroomError`s, and a `CommandError` with exit code 5 when the API
 * is unreachable.
 */
export class ApiCaller {
  readonly url: string;
  readonly #apiKey: string | undefined;
  readonly #requests = new HttpRequests();

  readonly #awayAdvice: string | undefined;

  /**
   * @param url without a trailing slash
   * @param awayAdvice what the user can do when the API cannot be reached
   */
  constructor(url: string, apiKey: string | undefined, awayAdvice?: string) {
    this.url = url;
    this.#awayAdvice = awayAdvice;
    this.#apiKey = apiKey;
  }

  async json<T>(call: Call): Promise<T> {
    return (await json(await this.call(call))) as T;
  }

  /** Sends a request whose response has no body to read. */
  async send(call: Call): Promise<void> {
    (await this.call(call)).resume();
  }

  /** @returns the response, whose body the caller reads */
  async call(call: Call): Promise<IncomingMessage> {
    const waits = (call.repeatable ?? call.method === "GET") ? RETRY_WAITS_MS : [];
    for (const waitMs of [...waits, undefined]) {
      const answer = await this.#try(call).catch((error: unknown) => {
        call.signal?.throwIfAborted();
        if (waitMs === undefined) throw unreachable(this.url, error, this.#awayAdvice);
        return undefined;
      });
      if (answer !== undefined) return await this.#checked(call, answer);
      await sleep(waitMs, undefined, { signal: call.signal });
    }
    throw unreachable(this.url, "no answer", this.#awayAdvice);
  }

  async #try({ path, method, headers, body, signal, answerWithinMs, silenceMs }: Call): Promise<IncomingMessage> {
    return await this.#requests.send({
      url: new URL(`${this.url}${path}`),
      method,
      headers: { ...(this.#apiKey === undefined ? {} : { authorization: `Bearer ${this.#apiKey}` }), ...headers },
      body,
      signal,
      answerWithinMs: answerWithinMs ?? ANSWER_WITHIN_MS,
      silenceMs: silenceMs ?? ANSWER_WITHIN_MS,
    });
  }

  async #checked(call: Call, answer: IncomingMessage): Promise<IncomingMessage> {
    const { statusCode: status = 0, headers } = answer;
    if (status < 300) return answer;
    const [path] = call.path.split("?");
    const contentType = headers["content-type"] ?? "";
    throw errorOfAnswer({ status, contentType, text: await text(answer), what: `${call.method} ${path}` });
  }

  async close(): Promise<void> {
    this.#requests.close();
  }
}

export function jsonBody(value: unknown): Pick<Call, "body" | "headers"> {
  return { body: JSON.stringify(value), headers: { "content-type": "application/json" } };
}
