import { DarkroomError, messageOf } from "@darkroom/core";

/** Why a Redis that answers does not take a write at present; one that is busy takes no read either. */
export type RefusalKind = "full" | "read-only" | "disk" | "replicas" | "busy";

/**
 * The first word of Redis's answer; within a script, Redis 6 puts its own words before it
 * (`ERR Error running script (call to f_…): @user_script:1: -OOM command not allowed …`).
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

const GOES_ON = "Nothing is lost, and the work goes on by itself once Redis takes writes again.";

/** What is wrong and what to do; the same words each time, so that a log can leave repetitions out. */
const SENTENCES: Readonly<Record<RefusalKind, string>> = {
  full: `Redis is full: it has reached its maxmemory and takes no writes (OOM). Raise maxmemory, or free memory. ${GOES_ON}`,
  "read-only":
    "Redis is read-only: REDIS_URL leads to a replica, or a fail-over is under way (READONLY). Name the primary, " +
    `or its Sentinels with redis+sentinel://. ${GOES_ON}`,
  disk: `Redis cannot write its files and takes no writes (MISCONF). Free its disk, or mend its folder's rights; its log says more. ${GOES_ON}`,
  replicas:
    "Redis has fewer replicas in step than min-replicas-to-write asks for, and takes no writes (NOREPLICAS). " +
    `Bring the replicas back, or lower that setting. ${GOES_ON}`,
  busy:
    "Redis is busy with a script and does nothing else (BUSY). Find out whose script it is (SLOWLOG GET), or end it with " +
    `SCRIPT KILL; give Darkroom a Redis of its own where another application runs it. ${GOES_ON}`,
};

/** What kind of refusal an error of Redis is, if it is one. */
export function refusalKind(error: unknown): RefusalKind | undefined {
  const word = error instanceof Error ? REFUSAL.exec(messageOf(error))?.[1] : undefined;
  return word === undefined ? undefined : KINDS[word];
}

/** A command that Redis refused because it is full, read-only, busy or not well, in one sentence; undefined for other errors. */
export function refusalOf(error: unknown): DarkroomError | undefined {
  const kind = refusalKind(error);
  return kind === undefined ? undefined : unavailable(SENTENCES[kind]);
}

/** A login, or the right to a command, that Redis refuses. The right to a key is not given and taken back. */
const DENIAL = /^(?:NOAUTH|WRONGPASS)\b|^NOPERM .*\bto run the\b/;

const DENIED =
  "Redis refuses a login or a right that it gave before (NOAUTH, WRONGPASS, NOPERM). Give the user of REDIS_URL its " +
  "password and its rights back; to change a password, let Redis take both for a while (ACL SETUSER). " +
  GOES_ON;

/**
 * A command that Redis denies, in one sentence; undefined for other errors. To be asked of a command that was allowed
 * before: otherwise the login or the rights are wrong from the start, and waiting mends nothing.
 */
export function denialOf(error: Error): DarkroomError | undefined {
  return DENIAL.test(error.message) ? unavailable(DENIED) : undefined;
}

// Without the cause: an error of ioredis holds its whole command.
function unavailable(sentence: string): DarkroomError {
  return new DarkroomError("redis_unavailable", sentence, { retryable: true, retryAfterMs: 5_000 });
}

/** Between two lines of the same words. */
const REPEAT_AFTER_MS = 60_000;
/** Messages with changing parts must not fill the memory. */
const MOST_MESSAGES = 200;

/**
 * Passes errors on, each sentence at most once a minute: hundreds of commands and connections meet the same trouble.
 * Refusals come through as the {@link DarkroomError} of {@link refusalOf}.
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
