import { isRecord } from "./test-record.ts";

export interface SeenEvent {
  /** Undefined for live events. */
  readonly id: string | undefined;
  readonly name: string;
  readonly data: Record<string, unknown>;
}

/** Reads a stream of server-sent events of an API until it ends or is stopped. */
export async function readStream(api: { readonly url: string }, path: string, lastEventId?: string) {
  const gone = new AbortController();
  const headers: Record<string, string> = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const response = await fetch(`${api.url}${path}`, { signal: gone.signal, headers });
  if (response.status !== 200) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
  const { body } = response;
  if (body === null) throw new Error("no body");
  const events: SeenEvent[] = [];
  let lastId: string | undefined;
  const ended = (async () => {
    let rest = "";
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + chunk).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const id = /^id: (.*)$/m.exec(frame)?.[1];
        const name = /^event: (.*)$/m.exec(frame)?.[1];
        const data: unknown = JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? "null");
        lastId = id ?? lastId;
        if (name !== undefined && isRecord(data)) events.push({ id, name, data });
      }
    }
  })();
  ended.catch(() => undefined);
  return {
    events,
    ended,
    contentType: response.headers.get("content-type"),
    /** Id of the last event received, including events without data. */
    lastId: () => lastId,
    stop: () => gone.abort(),
  };
}
