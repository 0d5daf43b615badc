/** One exchange in the form of `GET /memory` (provider contract A.6). */
interface ExchangeRecord {
  /** ISO 8601. */
  readonly timestamp: string;
  readonly user_prompt: string;
  readonly chatbot_response: string;
  readonly generated_media_urls: readonly string[];
}

export interface Session {
  readonly id: string;
  portrait: string;
  history: ExchangeRecord[];
  /** Incremented when the memory is deleted, so that work in progress is not remembered afterwards. */
  epoch: number;
  running: boolean;
  /** True if the session had been inactive before the current exchange began. */
  revived: boolean;
  /** Input of a later turn without a picture. */
  lastPictureUrl: string | undefined;
  /** The prompt to which the agent replied with a question. */
  openPrompt: string | undefined;
  touchedAt: number;
}

/** Maximum number of messages per session. An exchange has two (provider contract A.6). */
const MAX_MESSAGES = 50;

export type SessionStart = { readonly kind: "started"; readonly session: Session } | { readonly kind: "busy" | "full" };

/** The provider's memory: one exchange at a time per session. Drops sessions that are idle for too long. */
export class SessionStore {
  readonly #sessions = new Map<string, Session>();
  readonly #keptMs: number;
  readonly #idleMs: number;

  /** @param idleMs idle time until a session is inactive; the next request restores it */
  constructor(keptMs: number, idleMs: number) {
    this.#keptMs = keptMs;
    this.#idleMs = idleMs;
  }

  /** Number of stored sessions, and of inactive ones. */
  counts(): { readonly sessions: number; readonly inactiveSessions: number } {
    const kept = [...this.#sessions.keys()].flatMap((id) => this.find(id) ?? []);
    return { sessions: kept.length, inactiveSessions: kept.filter((session) => this.#isInactive(session)).length };
  }

  #isInactive({ running, touchedAt }: Session): boolean {
    return !running && Date.now() - touchedAt > this.#idleMs;
  }

  find(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || session.running || Date.now() - session.touchedAt <= this.#keptMs) return session;
    this.#sessions.delete(id);
    return undefined;
  }

  /**
   * Reserves the session for one exchange, or returns the reason for a refusal. The caller must end the exchange with
   * {@link finish}.
   */
  start(id: string): SessionStart {
    const known = this.find(id);
    if (known?.running === true) return { kind: "busy" };
    if (known !== undefined && known.history.length * 2 >= MAX_MESSAGES) return { kind: "full" };
    const session = known ?? {
      id,
      portrait: "",
      history: [],
      epoch: 0,
      running: false,
      revived: false,
      lastPictureUrl: undefined,
      openPrompt: undefined,
      touchedAt: Date.now(),
    };
    session.revived = this.#isInactive(session);
    session.running = true;
    this.#sessions.set(id, session);
    return { kind: "started", session };
  }

  finish(session: Session): void {
    session.running = false;
    session.touchedAt = Date.now();
    if (session.history.length === 0) this.#sessions.delete(session.id);
  }

  /** Deletes a session's memory. A running exchange keeps the session busy. Returns the number of deleted exchanges. */
  clear(id: string): number {
    const session = this.#sessions.get(id);
    if (session === undefined) return 0;
    const forgotten = session.history.length;
    session.history = [];
    session.epoch += 1;
    session.lastPictureUrl = undefined;
    session.openPrompt = undefined;
    if (!session.running) this.#sessions.delete(id);
    return forgotten;
  }

  memory(id: string) {
    const history = this.find(id)?.history ?? [];
    return {
      session_id: id,
      conversation_history: history,
      total_exchanges: history.length,
      generated_media_urls: history.flatMap((exchange) => exchange.generated_media_urls),
    };
  }
}
