import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { TIME_SCALE_ARGS } from "@darkroom/core";
import type { Engine } from "./engine.ts";

const PROCESS = fileURLToPath(new URL("clocked-producer-process.ts", import.meta.url));

/** Producers in processes of their own, whose schedules share one clock. */
export class ClockedProducers {
  readonly #env: Readonly<Record<string, string>>;
  readonly #children = new Set<ChildProcess>();
  #nowMs: number;

  /** @param nowMs epoch ms */
  constructor({ env }: Pick<Engine, "env">, nowMs: number) {
    this.#env = env;
    this.#nowMs = nowMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Sets the clock of all producers (epoch ms). */
  set(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const child of this.#children) child.send(nowMs);
  }

  async start(): Promise<ChildProcess> {
    const env = { PATH: process.env["PATH"], ...this.#env };
    const child = fork(PROCESS, [String(this.#nowMs)], { env, execArgv: [...TIME_SCALE_ARGS] });
    await once(child, "message");
    this.#children.add(child);
    child.send(this.#nowMs);
    return child;
  }

  async kill(child: ChildProcess): Promise<void> {
    this.#children.delete(child);
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    for (const child of this.#children) await this.kill(child);
  }
}
