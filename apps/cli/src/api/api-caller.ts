import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type Dispatcher, type FormData } from "undici";
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
  readonly #agent = new Agent({ connectTimeout: 10_000 });

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
    const { body } = await this.call(call);
    return (await body.json()) as T;
  }

  async call(call: Call): Promise<Dispatcher.ResponseData> {
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

  async #try(call: Call): Promise<Dispatcher.ResponseData> {
    const url = new URL(`${this.url}${call.path}`);
    return await this.#agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: call.method,
      headers: { ...(this.#apiKey === undefined ? {} : { authorization: `Bearer ${this.#apiKey}` }), ...call.headers },
      headersTimeout: call.answerWithinMs ?? ANSWER_WITHIN_MS,
      bodyTimeout: call.silenceMs ?? ANSWER_WITHIN_MS,
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  }

  async #checked(call: Call, answer: Dispatcher.ResponseData): Promise<Dispatcher.ResponseData> {
    if (answer.statusCode < 300) return answer;
    const contentType = String(answer.headers["content-type"] ?? "");
    const text = await answer.body.text();
    const [path] = call.path.split("?");
    throw errorOfAnswer({ status: answer.statusCode, contentType, text, what: `${call.method} ${path}` });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

export function jsonBody(value: unknown): Pick<Call, "body" | "headers"> {
  return { body: JSON.stringify(value), headers: { "content-type": "application/json" } };
}
