/** The events that the twin sends (provider contract A.4). */
export type SenseEvent =
  | { readonly type: "thinking_delta" | "text_response" | "message"; readonly content: string }
  | {
      readonly type: "status";
      readonly message: string;
      readonly tool_name?: string;
      readonly parameters?: Readonly<Record<string, string>>;
    }
  | { readonly type: "progress"; readonly message: string; readonly percent: number }
  | { readonly type: "tool_call"; readonly name: string; readonly input: Readonly<Record<string, unknown>> }
  | {
      readonly type: "generation_response";
      readonly url: string;
      readonly generations: readonly string[];
      readonly total: number;
      readonly model: string;
      readonly execution_time_ms: number;
    }
  | {
      readonly type: "clarification_needed";
      readonly question: string;
      readonly options: readonly string[];
      readonly context: string;
    }
  | { readonly type: "web_search_query"; readonly query: string }
  | { readonly type: "web_search_citations"; readonly citations: readonly string[] }
  | {
      readonly type: "workflow_created" | "workflow_fetched" | "workflow_built" | "workflow_updated";
      readonly workflow_id: string;
    }
  | { readonly type: "execution_started"; readonly execution_id: string }
  | {
      readonly type: "execution_progress";
      readonly step_id: string;
      readonly step_status: string;
      readonly completed_steps: number;
      readonly total_steps: number;
    }
  | {
      readonly type: "execution_completed";
      readonly status: string;
      readonly output: string;
      readonly all_outputs: Readonly<Record<string, string>>;
    }
  | CompleteEvent
  | ErrorEvent;

interface CompleteEvent {
  readonly type: "complete";
  readonly task_id: string;
  readonly status: "ok" | "awaiting_input" | "clarification_needed" | "error";
  readonly generations: readonly string[];
  readonly model?: string;
  /** Why, where the status is `error`. */
  readonly message?: string;
}

export interface ErrorEvent {
  readonly type: "error";
  readonly message: string;
  readonly error_code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Seconds. */
  readonly retry_after?: number;
}

/** Where an exchange tells what it does. Sending to a client that has left does nothing. */
export interface EventSink {
  /** True once nobody listens any more. */
  readonly left: boolean;
  send(event: SenseEvent): void;
  /** All was said: marks a stream that ended well. Comes before {@link end}; an error has none. */
  done(): void;
  /** The exchange is over. */
  end(): void;
}

/** An event in the OpenAI chunk that the dialect `chat-completions` wraps it in (provider contract A.1). */
export function asChunk(taskId: string, event: SenseEvent): unknown {
  const done = event.type === "complete" || event.type === "error";
  return {
    id: taskId,
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1_000),
    model: "eachsense/beta",
    choices: [
      {
        index: 0,
        delta: event.type === "text_response" ? { role: "assistant", content: event.content } : {},
        finish_reason: done ? "stop" : null,
      },
    ],
    eachlabs: event,
  };
}
