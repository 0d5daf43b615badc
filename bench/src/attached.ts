// Loaded before the main file of every process that a benchmark starts. Reports resource use to its parent, and ends
// with it.
import { readFileSync } from "node:fs";
import { constants, monitorEventLoopDelay, PerformanceObserver, type PerformanceEntry } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/** Resource use of a process. */
export interface Usage {
  /** User and system time since its start. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  /** Number of garbage collections of the whole heap since the start. */
  readonly majorGcs: number;
  /** Event loop delay since the last reset, including the sampling interval of 10 ms. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
}

export interface Question {
  readonly id: number;
  readonly ask: string;
  readonly argument?: unknown;
}

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

const SAMPLE_MS = 10;
const delay = monitorEventLoopDelay({ resolution: SAMPLE_MS });
let majorGcs = 0;
const collections = new PerformanceObserver((list) => {
  for (const entry of list.getEntries() as (PerformanceEntry & { readonly detail: { readonly kind: number } })[]) {
    if (entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) majorGcs += 1;
  }
});
const answers = new Map<string, (argument: unknown) => unknown>();

/** Registers the answer to a request of the parent's {@link Child.ask}. */
export function answer(ask: string, how: (argument: never) => unknown): void {
  answers.set(ask, how as (argument: unknown) => unknown);
}

/** Linux: VmHWM (proc(5)). The maximum in rusage would include the process that forked this one. */
function peakRssBytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1_024;
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kib) * 1_024;
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return {
    cpuUs: user + system,
    rssBytes: process.memoryUsage.rss(),
    peakRssBytes: peakRssBytes(),
    majorGcs,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
    loopDelayMaxMs: delay.max / 1e6,
  };
}

async function reply({ id, ask, argument }: Question): Promise<void> {
  let answered: Reply;
  try {
    const how = answers.get(ask);
    if (how === undefined) throw new Error(`this process does not answer ${ask}`);
    answered = { id, value: await how(argument) };
  } catch (error) {
    answered = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(answered);
}

if (isMainThread && process.send !== undefined) {
  delay.enable();
  collections.observe({ entryTypes: ["gc"] });
  answer("usage", usage);
  answer("reset-loop-delay", () => delay.reset());
  process.on("message", (question) => {
    void reply(question as Question);
  });
  // The parent has exited.
  process.on("disconnect", () => process.exit(0));
  // The listener alone must not keep the process alive.
  process.channel?.unref();
}
