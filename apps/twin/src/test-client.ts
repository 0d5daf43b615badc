import { Agent, request } from "undici";
import type { Twin } from "./twin.ts";

/** The fields of an event that tests read. Their presence depends on `type`. */
interface SeenEvent {
  readonly type: string;
  readonly url?: string;
  readonly status?: string;
  readonly message?: string;
  readonly content?: string;
  readonly error_code?: string;
  readonly percent?: number;
  readonly question?: string;
}

export interface SeenStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly events: readonly SeenEvent[];
  readonly done: boolean;
  /** True if the connection broke before the response ended. */
  readonly broken: boolean;
  /** The received chunks. */
  readonly packets: readonly Buffer[];
}

/** Parses SSE text. Ignores an incomplete last event. */
function eventsOf(text: string): SeenEvent[] {
  return text
    .split(/\r?\n\r?\n/)
    .filter((block) => block.startsWith("data: {") && block.endsWith("}"))
    .map((block) => JSON.parse(block.slice(6)) as SeenEvent);
}

/** A client for tests that keeps all received data. */
export class TestClient {
  readonly #agent = new Agent({ pipelining: 0 });
  readonly #twin: Twin;

  constructor(twin: Twin) {
    this.#twin = twin;
  }

  open(body: Readonly<Record<string, unknown>>, options: { signal?: AbortSignal; path?: string; key?: string } = {}) {
    return request(`${this.#twin.url}${options.path ?? "/chat"}`, {
      dispatcher: this.#agent,
      method: "POST",
      headers: { "X-API-Key": options.key ?? this.#twin.apiKey, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }

  /**
   * Sends a turn and reads until the end, until the connection breaks, or until `enough` returns true. Then
   * disconnects.
   */
  async chat(
    body: Readonly<Record<string, unknown>>,
    enough: (text: string) => boolean = () => false,
  ): Promise<SeenStream> {
    const leave = new AbortController();
    const answer = await this.open(body, { signal: leave.signal });
    const packets: Buffer[] = [];
    let broken = false;
    try {
      for await (const packet of answer.body as AsyncIterable<Buffer>) {
        packets.push(packet);
        if (enough(Buffer.concat(packets).toString("utf8"))) leave.abort();
      }
    } catch {
      broken = !leave.signal.aborted;
    }
    const text = Buffer.concat(packets).toString("utf8");
    const done = /data: \[DONE\](\r?\n){2}$/.test(text);
    return { status: answer.statusCode, headers: answer.headers, text, events: eventsOf(text), done, broken, packets };
  }

  async memory(session: string) {
    const answer = await request(`${this.#twin.url}/memory?session_id=${session}`, {
      dispatcher: this.#agent,
      headers: { "X-API-Key": this.#twin.apiKey },
    });
    return (await answer.body.json()) as {
      readonly total_exchanges: number;
      readonly generated_media_urls: readonly string[];
      readonly conversation_history: readonly {
        readonly user_prompt: string;
        readonly chatbot_response: string;
        readonly generated_media_urls: readonly string[];
      }[];
    };
  }

  async forget(session: string): Promise<void> {
    const answer = await request(`${this.#twin.url}/memory?session_id=${session}`, {
      dispatcher: this.#agent,
      method: "DELETE",
      headers: { "X-API-Key": this.#twin.apiKey },
    });
    await answer.body.dump();
  }

  async get(url: string): Promise<{ status: number; contentType: string; bytes: Buffer }> {
    const answer = await request(url, { dispatcher: this.#agent });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, contentType: String(answer.headers["content-type"]), bytes };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
