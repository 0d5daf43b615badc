import { randomUUID } from "node:crypto";
import { MAX_PROMPT_CHARS, MODES, type Mode } from "@darkroom/core";
import { z } from "zod";
import { faultsOf, type RequestFault } from "./request-fault.ts";

export type Dialect = "chat" | "chat-completions";

/** The parsed request of both dialects. */
export interface ChatRequest {
  readonly dialect: Dialect;
  readonly prompt: string;
  readonly sessionId: string;
  readonly mode: Mode;
  readonly imageUrls: readonly string[];
  readonly stream: boolean;
  readonly behavior: "agent" | "plan" | "ask";
  readonly webSearch: boolean;
}

const promptSchema = z.string().min(1).max(MAX_PROMPT_CHARS);

const commonFields = {
  session_id: z.string().min(1).max(256).optional(),
  mode: z.enum(MODES).default("max"),
  behavior: z.enum(["agent", "plan", "ask"]).default("agent"),
  /** The agent itself refuses more than four (provider contract A.7). */
  image_urls: z.array(z.string()).min(1).optional(),
  stream: z.boolean().default(true),
  web_search: z.boolean().default(true),
  enable_safety_checker: z.boolean().default(true),
};

const chatSchema = z.object({ ...commonFields, message: promptSchema, model: z.string().optional() });
const completionsSchema = z.object({
  ...commonFields,
  model: z.string(),
  messages: z.array(z.object({ role: z.enum(["user", "assistant", "system"]), content: promptSchema })).min(1),
});

export type ReadChat =
  | { readonly ok: true; readonly request: ChatRequest }
  | { readonly ok: false; readonly detail: readonly RequestFault[] };

/** Parses the body of `POST /chat` or `POST /v1/chat/completions` (provider contract A.1, A.2). */
export function readChat(dialect: Dialect, body: unknown): ReadChat {
  const parsed =
    dialect === "chat"
      ? chatSchema.transform((fields) => ({ ...fields, prompt: fields.message })).safeParse(body)
      : completionsSchema
          .transform((fields) => ({
            ...fields,
            prompt: fields.messages.findLast((message) => message.role === "user")?.content ?? "",
          }))
          .safeParse(body);
  if (!parsed.success) return { ok: false, detail: faultsOf(parsed.error) };
  const { prompt, mode, stream, behavior, web_search: webSearch } = parsed.data;
  if (prompt === "") {
    return { ok: false, detail: [{ type: "missing", loc: ["body", "messages"], msg: "a user message is required" }] };
  }
  const [sessionId, imageUrls] = [parsed.data.session_id ?? randomUUID(), parsed.data.image_urls ?? []];
  return { ok: true, request: { dialect, prompt, sessionId, mode, imageUrls, stream, behavior, webSearch } };
}
