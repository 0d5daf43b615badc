/** Returns the Redis keys of the webhooks. They share one hash tag. `docs/architecture.md` lists them. */
export function webhookKeys(namespace: string) {
  const base = `{${namespace}:webhooks}`;
  return {
    endpoints: `${base}:endpoints`,
    all: `${base}:all`,
    of: (tenant: string) => `${base}:of:${tenant}`,
    cursors: `${base}:cursors`,
    waiting: `${base}:waiting`,
    /** The endpoint's lines, by the time of their next attempt. */
    lines: (id: string) => `${base}:lines:${id}`,
    /** @param source a batch, or another origin of messages that are delivered in order */
    line: (id: string, source: string) => `${base}:line:${id}:${source}`,
    attempts: (id: string) => `${base}:attempts:${id}`,
    health: (id: string) => `${base}:health:${id}`,
    log: (id: string) => `${base}:log:${id}`,
  } as const;
}

export type WebhookKeys = ReturnType<typeof webhookKeys>;

/** Lua: Redis' clock, epoch ms. */
export const NOW_MS = "local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000)";
