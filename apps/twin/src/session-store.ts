/** One exchange as `GET /memory` tells it (provider contract A.6). */
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
  /** Raised when the memory is cleared, so that work begun before leaves no trace after it. */
  epoch: number;
  running: boolean;
  /** It had been inactive before the present exchange began. */
  revived: boolean;
  /** What a later turn without a picture works on. */
  lastPictureUrl: string | undefined;
  /** The prompt that was answered with a question. */
  openPrompt: string | undefined;
  touchedAt: number;
}

/** The most messages in a session; an exchange is two (provider contract A.6). */
const MAX_MESSAGES = 50;

export type SessionStart = { readonly kind: "started"; readonly session: Session } | { readonly kind: "busy" | "full" };

/** The provider's memory. One exchange at a time in a session; what is idle for too long is dropped. */
export class SessionStore {
  readonly #sessions = new Map<string, Session>();
  readonly #keptMs: number;
  readonly #idleMs: number;

  /** @param idleMs after this it is inactive; the next request brings it back as it was */
  constructor(keptMs: number, idleMs: number) {
    this.#keptMs = keptMs;
    this.#idleMs = idleMs;
  }

  /** How many sessions are kept, and how many of them are inactive. */
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

  /** Takes the session for one exchange, or says why not. End it with {@link finish}. */
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

  /** Forgets what was said in a session; an exchange that still runs keeps it busy. Returns the exchanges forgotten. */
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
