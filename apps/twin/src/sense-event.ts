/** The events that the simulator sends (provider contract A.4). */
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
  /** The cause, if the status is `error`. */
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

/** Receives the events of an exchange. Sending to a disconnected client does nothing. */
export interface EventSink {
  /** True once the client has disconnected. */
  readonly left: boolean;
  send(event: SenseEvent): void;
  /** Marks a stream that ended in order. Called before {@link end}. An error has no such mark. */
  done(): void;
  /** Ends the exchange. */
  end(): void;
}

/** Returns an event within an OpenAI chunk, as in the dialect `chat-completions` (provider contract A.1). */
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
