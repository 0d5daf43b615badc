import { createRedisBackend, type BackendFactory, type RedisQueueBackend } from "bullmq";
import { serverOffsetMs } from "@darkroom/redis-kit";

/** An argument that is this close to the local time is a timestamp, not a count or delay. */
const NOW_WITHIN_MS = 60_000;
/** Commands whose reply contains, at this position, the time of the next job. */
const TELL_NEXT: ReadonlySet<string> = new Set(["moveToActive", "moveToFinished"]);
const NEXT_AT = 3;

/**
 * BullMQ's backend with all timestamps by Redis' clock. BullMQ uses the process's clock: a process whose clock is one
 * day ahead would delay jobs by a day for the others, and take their jobs a day early.
 */
export const createServerTimeBackend: BackendFactory<RedisQueueBackend> = (name, opts, options) => {
  const backend = createRedisBackend(name, opts, options) as RedisQueueBackend;
  const execCommand = backend.execCommand.bind(backend);
  backend.execCommand = (client, command, args) => {
    const offsetMs = serverOffsetMs();
    if (offsetMs === 0) return execCommand(client, command, args) as unknown;
    const reply: unknown = execCommand(client, command, inServerTime(args, offsetMs, Date.now()));
    if (!TELL_NEXT.has(command) || !(reply instanceof Promise)) return reply;
    return reply.then((told: unknown) => nextInOwnTime(told, offsetMs));
  };
  const waitForJob = backend.waitForJob.bind(backend);
  backend.waitForJob = async (blockTimeout) => {
    const found = await waitForJob(blockTimeout);
    // 0 means that a job is ready.
    return found === null || found.score === 0 ? found : { ...found, score: found.score - serverOffsetMs() };
  };
  return backend;
};

/** Converts timestamps among a command's arguments to Redis' clock. */
export function inServerTime(args: readonly unknown[], offsetMs: number, nowMs: number): unknown[] {
  return args.map((arg) => (typeof arg === "number" && Math.abs(arg - nowMs) < NOW_WITHIN_MS ? arg + offsetMs : arg));
}

function nextInOwnTime(told: unknown, offsetMs: number): unknown {
  if (!Array.isArray(told) || typeof told[NEXT_AT] !== "number" || told[NEXT_AT] <= 0) return told as unknown;
  return told.with(NEXT_AT, told[NEXT_AT] - offsetMs);
}
