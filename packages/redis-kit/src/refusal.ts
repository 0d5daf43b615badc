import { DarkroomError, messageOf } from "@darkroom/core";

/** Why a reachable Redis currently refuses writes. A busy Redis also refuses reads. */
export type RefusalKind = "full" | "read-only" | "disk" | "replicas" | "busy";

/**
 * The first word of Redis' reply. Inside a script, Redis 6 adds a prefix (`ERR Error running script (call to f_…):
 * @user_script:1: -OOM command not allowed …`).
 */
const REFUSAL = /^(?:ERR Error running script .*?-)?(OOM|READONLY|MASTERDOWN|MISCONF|NOREPLICAS|BUSY)\b/;

const KINDS: Readonly<Record<string, RefusalKind>> = {
  OOM: "full",
  READONLY: "read-only",
  MASTERDOWN: "read-only",
  MISCONF: "disk",
  NOREPLICAS: "replicas",
  BUSY: "busy",
};

const GOES_ON = "Nothing is lost; work continues as soon as Redis accepts writes again.";

/** The problem and how to fix it. The text is constant, so that the log can suppress repetitions. */
const SENTENCES: Readonly<Record<RefusalKind, string>> = {
  full: `Redis is full: it has reached its maxmemory and rejects writes (OOM). Raise maxmemory, or free memory. ${GOES_ON}`,
  "read-only":
    "Redis is read-only: REDIS_URL leads to a replica, or a failover is in progress (READONLY). Name the primary, " +
    `or its Sentinels with redis+sentinel://. ${GOES_ON}`,
  disk: `Redis cannot write its files and rejects writes (MISCONF). Free disk space, or fix the folder's permissions; Redis's log says more. ${GOES_ON}`,
  replicas:
    "Redis has fewer replicas in sync than min-replicas-to-write requires, and rejects writes (NOREPLICAS). " +
    `Restore the replicas, or lower that setting. ${GOES_ON}`,
  busy:
    "Redis is busy with a script and does nothing else (BUSY). Find the script (SLOWLOG GET), or end it with " +
    `SCRIPT KILL; if another application runs it, give Darkroom its own Redis. ${GOES_ON}`,
};

/** Returns the kind of refusal that a Redis error represents, if any. */
export function refusalKind(error: unknown): RefusalKind | undefined {
  const word = error instanceof Error ? REFUSAL.exec(messageOf(error))?.[1] : undefined;
  return word === undefined ? undefined : KINDS[word];
}

/**
 * Returns an error for a command that Redis refused because it is full, read-only, busy or unhealthy; undefined for
 * other errors.
 */
export function refusalOf(error: unknown): DarkroomError | undefined {
  const kind = refusalKind(error);
  return kind === undefined ? undefined : unavailable(SENTENCES[kind]);
}

/**
 * Matches the refusal of a login, or of the permission for a command. Excludes permissions for keys, because those are
 * not revoked and restored.
 */
const DENIAL = /^(?:NOAUTH|WRONGPASS)\b|^NOPERM .*\bto run the\b/;

const DENIED =
  "Redis refuses a login or a permission that it accepted before (NOAUTH, WRONGPASS, NOPERM). Restore the password and " +
  "permissions of the user in REDIS_URL; to change a password, let Redis accept both for a while (ACL SETUSER). " +
  GOES_ON;

/**
 * Returns an error for a command that Redis denies; undefined for other errors. Only for a command that was allowed
 * before. Otherwise login or permissions were wrong from the start, and waiting does not help.
 */
export function denialOf(error: Error): DarkroomError | undefined {
  return DENIAL.test(error.message) ? unavailable(DENIED) : undefined;
}

// Omits the cause, because an ioredis error contains its whole command.
function unavailable(sentence: string): DarkroomError {
  return new DarkroomError("redis_unavailable", sentence, { retryable: true, retryAfterMs: 5_000 });
}

/** Minimum interval between two log lines of the same text. */
const REPEAT_AFTER_MS = 60_000;
/** Limit of remembered messages, because some have changing parts. */
const MOST_MESSAGES = 200;

/**
 * Forwards errors, each text at most once a minute, because hundreds of commands and connections meet the same problem.
 * Converts refusals by {@link refusalOf}.
 *
 * @param now a monotonic clock, in ms
 */
export function saySeldom(
  say: (error: Error) => void,
  now: () => number = () => performance.now(),
): (error: Error) => void {
  const saidAt = new Map<string, number>();
  return (error) => {
    const told = refusalOf(error) ?? error;
    const message = messageOf(told);
    const before = saidAt.get(message);
    if (before !== undefined && now() - before < REPEAT_AFTER_MS) return;
    if (saidAt.size >= MOST_MESSAGES) saidAt.clear();
    saidAt.set(message, now());
    say(told);
  };
}
