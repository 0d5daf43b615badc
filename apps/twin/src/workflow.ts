import { randomUUID } from "node:crypto";
import type { EventSink } from "./sense-event.ts";

/** Reports the creation of one picture: by the agent's own model, or by a workflow that the agent builds. */
export interface Telling {
  begin(): void;
  /** @param done finished steps out of `all` */
  progress(done: number, all: number): void;
  /** @param urls all pictures so far, newest last */
  picture(urls: readonly string[], executionMs: number): void;
}

/** Events of an agent that calls a model itself: `tool_call`, `progress`, `generation_response`. */
export function modelTelling(sink: EventSink, model: string, mode: string): Telling {
  return {
    begin: () => sink.send({ type: "tool_call", name: "execute_model", input: { model, mode } }),
    progress: (done, all) => {
      sink.send({ type: "progress", message: "Generating image…", percent: Math.round((done / (all + 1)) * 100) });
    },
    picture: (urls, executionMs) => {
      const url = urls.at(-1) ?? "";
      const told = { url, generations: urls, total: urls.length, model, execution_time_ms: executionMs };
      sink.send({ type: "generation_response", ...told });
    },
  };
}

/** Events of an agent that builds a workflow and runs it. The picture appears only with `execution_completed`. */
export function workflowTelling(sink: EventSink, model: string, isLaterTurn: boolean): Telling {
  const [workflowId, executionId] = [randomUUID(), randomUUID()];
  return {
    begin: () => {
      sink.send({ type: "tool_call", name: "build_workflow", input: { model } });
      sink.send({ type: isLaterTurn ? "workflow_fetched" : "workflow_created", workflow_id: workflowId });
      sink.send({ type: "workflow_updated", workflow_id: workflowId });
      sink.send({ type: "workflow_built", workflow_id: workflowId });
      sink.send({ type: "execution_started", execution_id: executionId });
    },
    progress: (done, all) => {
      const steps = { completed_steps: done, total_steps: all };
      sink.send({ type: "execution_progress", step_id: `step_${done}`, step_status: "completed", ...steps });
    },
    picture: (urls) => {
      const all = Object.fromEntries(urls.map((url, at) => [`step_${at + 1}`, url]));
      sink.send({ type: "execution_completed", status: "completed", output: urls.at(-1) ?? "", all_outputs: all });
    },
  };
}
