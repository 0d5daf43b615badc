import {
  listAt,
  numberAt,
  recordOf,
  redact,
  textAt,
  type EnhanceAnswer,
  type EnhanceHooks,
  type VendorRecord,
} from "@darkroom/provider-kit";
import { classify } from "./classify.ts";
import { faultOf } from "./fault.ts";
import { executedPicture, generatedPicture, lastPicture } from "./outputs.ts";

const ASKS = new Set(["awaiting_input", "clarification_needed"]);
const FAILED = new Set(["error", "failed", "cancelled", "canceled"]);

/** Limit of options kept. More options are not useful, and they are stored with every such portrait. */
const MOST_OPTIONS = 20;

interface Question {
  readonly question: string;
  readonly options: readonly string[];
}

/**
 * One turn of the agent, event by event (provider contract A.4), and its result. The first `complete` or `error`
 * settles the turn. Otherwise {@link conclude} does. A seen picture is paid, so it remains the result even if the turn
 * fails later. `unfinished` means that the agent may still work. Only a refusal of the content itself revokes the
 * picture, with `billed: "maybe"`.
 */
export class Turn {
  readonly #hooks: EnhanceHooks;
  readonly #secrets: readonly string[];
  readonly #nowMs: () => number;
  #picture: string | undefined;
  /** True if the picture came as a `generation_response`, which takes precedence over all other sources. */
  #generated = false;
  #model: string | undefined;
  #question: Question | undefined;
  #said = "";
  #settled: EnhanceAnswer | undefined;

  constructor(hooks: EnhanceHooks, secrets: readonly string[], nowMs: () => number) {
    this.#hooks = hooks;
    this.#secrets = secrets;
    this.#nowMs = nowMs;
  }

  /** The result, once `complete` or `error` has arrived. */
  get settled(): EnhanceAnswer | undefined {
    return this.#settled;
  }

  /** Processes the next event; see the kit's `SseHandler`. A promise means that a receipt is being written. */
  take(event: VendorRecord): undefined | "last" | Promise<undefined | "last"> {
    switch (event["type"]) {
      case "generation_response":
        this.#model = textAt(event, "model") ?? this.#model;
        return this.#show(generatedPicture(event), true);
      case "execution_completed":
        if (this.#generated || FAILED.has(String(event["status"]).toLowerCase())) return undefined;
        return this.#show(executedPicture(event), false);
      case "complete":
        return this.#complete(event);
      case "error":
        this.#settled = this.#failed(event);
        return "last";
      case "clarification_needed":
        this.#question = this.#questionOf(event);
        return undefined;
      case "text_response":
      case "message":
        // Kept for the message of an answer without a picture. The end of a long text is the most informative part.
        this.#said = `${this.#said}${textAt(event, "content") ?? ""}`.slice(-1_000);
        return undefined;
      case "status":
      case "progress":
        this.#report(textAt(event, "message") ?? textAt(event, "tool_name"), numberAt(event, "percent"));
        return undefined;
      case "tool_call":
        this.#report(textAt(event, "name"));
        return undefined;
      case "execution_progress":
        this.#reportSteps(event);
        return undefined;
      default:
        // thinking_delta, web_search_*, workflow_*, execution_started, and future events.
        return undefined;
    }
  }

  /** Returns the result of an orderly end; `otherwise` if the events decide nothing. */
  conclude(otherwise: EnhanceAnswer): EnhanceAnswer {
    return this.#settled ?? this.#output() ?? this.#clarification() ?? otherwise;
  }

  /**
   * Returns the result of a truncated or aborted stream. The agent may continue, and the newest picture may be a draft.
   */
  concludeLost(otherwise: EnhanceAnswer): EnhanceAnswer {
    return this.#settled ?? this.#output(true) ?? this.#clarification() ?? otherwise;
  }

  /** The agent finished without a picture. The provider bills only generated pictures, so the call was free. */
  noOutput(): EnhanceAnswer {
    const said = this.#said.trim();
    const words = `each::sense finished without a picture${said === "" ? "" : `; it said: ${said}`}`;
    return { kind: "failed", code: "no_output", sent: true, billed: "no", message: redact(words, this.#secrets) };
  }

  #complete(event: VendorRecord): "last" | Promise<"last"> {
    this.#model = textAt(event, "model") ?? this.#model;
    const late = this.#picture === undefined ? lastPicture(listAt(event, "generations")) : undefined;
    const shown = this.#show(late, false);
    const status = (textAt(event, "status") ?? "ok").toLowerCase();
    if (ASKS.has(status)) this.#question ??= this.#questionOf(event);
    const settle = (): "last" => {
      this.#settled = FAILED.has(status) ? this.#failed(event) : this.conclude(this.noOutput());
      return "last";
    };
    return shown === undefined ? settle() : shown.then(settle);
  }

  #show(url: string | undefined, generated: boolean): undefined | Promise<undefined> {
    if (url === undefined) return undefined;
    this.#generated ||= generated;
    if (url === this.#picture) return undefined;
    this.#picture = url;
    return this.#hooks.onOutput(url).then(() => undefined);
  }

  #failed(event: VendorRecord): EnhanceAnswer {
    const answer = classify(faultOf(event, this.#nowMs()), this.#secrets);
    // An agent that exceeded its stream's time may continue. After any other error, the agent has ended.
    const output = this.#output(answer.kind === "failed" && answer.code === "timeout");
    if (output === undefined) return answer;
    return answer.kind === "refused" ? { ...answer, billed: "maybe" } : output;
  }

  #output(isUnfinished = false): EnhanceAnswer | undefined {
    if (this.#picture === undefined) return undefined;
    return {
      kind: "output",
      url: this.#picture,
      ...(this.#model === undefined ? {} : { model: this.#model }),
      ...(isUnfinished ? { unfinished: true } : {}),
    };
  }

  #clarification(): EnhanceAnswer | undefined {
    if (this.#question === undefined) return undefined;
    return { kind: "clarification", message: `each::sense asks: ${this.#question.question}`, ...this.#question };
  }

  #questionOf(event: VendorRecord): Question {
    const said = this.#said.trim();
    const question = textAt(event, "question", "message") ?? (said === "" ? "what to do (it did not say more)" : said);
    const options = listAt(event, "options").flatMap((option) => {
      const text = typeof option === "string" ? option : textAt(recordOf(option), "label", "text", "value");
      return text === undefined ? [] : [redact(text, this.#secrets)];
    });
    return { question: redact(question, this.#secrets), options: options.slice(0, MOST_OPTIONS) };
  }

  #reportSteps(event: VendorRecord): void {
    const done = numberAt(event, "completed_steps");
    const total = numberAt(event, "total_steps");
    if (done === undefined || total === undefined || total <= 0) return;
    this.#report(`step ${done} of ${total}`, (100 * done) / total);
  }

  #report(message: string | undefined, percent?: number): void {
    if (message === undefined) return;
    const clean = redact(message, this.#secrets);
    this.#hooks.onProgress(percent === undefined ? { message: clean } : { message: clean, percent });
  }
}
