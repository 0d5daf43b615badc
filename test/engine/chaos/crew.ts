import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { leash } from "@darkroom/local-stack";
import { appCommand } from "../kit/app-command.ts";

export type CrewApp = "worker" | "producer";

/**
 * Exit code of a process that cannot reach Redis at its start. The crew restarts such a process, as an orchestrator
 * would.
 */
const NO_REDIS_AT_START = 2;

interface Place {
  readonly app: CrewApp;
  readonly number: number;
  child: ChildProcess | undefined;
  next: Promise<void>;
}

/** Worker and producer processes. Each is restarted when it ends, until the crew is dismissed. */
export class Crew {
  /** Unexpected exits. */
  readonly accidents: string[] = [];
  readonly #env: Readonly<Record<string, string>>;
  readonly #logDir: string;
  readonly #places: Place[] = [];
  readonly #pids: number[] = [];
  #dismissed = false;

  constructor(env: Readonly<Record<string, string>>, logDir: string) {
    this.#env = env;
    this.#logDir = logDir;
  }

  async start(app: CrewApp, count: number): Promise<void> {
    await mkdir(this.#logDir, { recursive: true });
    for (let number = 0; number < count; number += 1) {
      const place: Place = { app, number, child: undefined, next: Promise.resolve() };
      this.#places.push(place);
      await this.#spawn(place);
    }
  }

  /** Number of processes started so far. */
  get started(): number {
    return this.#pids.length;
  }

  async #spawn(place: Place): Promise<void> {
    const { app, number } = place;
    const log = await open(join(this.#logDir, `${app}-${number}.log`), "a");
    try {
      if (this.#dismissed) return;
      const command = appCommand(app);
      const child = spawn(process.execPath, command.args, {
        env: { PATH: process.env["PATH"], ...command.env, ...this.#env, DARKROOM_LOG_LEVEL: "info" },
        stdio: ["ignore", log.fd, log.fd],
      });
      place.child = child;
      const { pid } = child;
      if (pid !== undefined) this.#pids.push(pid);
      // Ensures that a killed test run leaves no process behind.
      const letGo = pid === undefined ? undefined : leash('kill -9 "$1"', [String(pid)]);
      child.once("exit", (code, signal) => {
        letGo?.();
        if (this.#dismissed) return;
        if (signal !== "SIGKILL" && code !== NO_REDIS_AT_START) {
          this.accidents.push(`${app} ${number} ended by itself: code ${code}, signal ${signal}`);
        }
        place.next = this.#spawn(place);
      });
    } finally {
      await log.close();
    }
  }

  #place(app: CrewApp, target: number): Place | undefined {
    const places = this.#places.filter((place) => place.app === app);
    return places[target % places.length];
  }

  /** Sends SIGKILL. Another process is started in place of the killed one. */
  kill(app: CrewApp, target: number): void {
    this.#place(app, target)?.child?.kill("SIGKILL");
  }

  /** Sends SIGSTOP. The returned function resumes the same process, if it still lives. */
  freeze(app: CrewApp, target: number): () => void {
    const child = this.#place(app, target)?.child;
    child?.kill("SIGSTOP");
    return () => void child?.kill("SIGCONT");
  }

  /** Ends all processes at once. */
  killAll(): void {
    this.#dismissed = true;
    for (const { child } of this.#places) child?.kill("SIGKILL");
  }

  /** Stops all processes, kills those that do not stop, and reports remaining processes. */
  async dismiss(graceMs: number): Promise<string[]> {
    this.#dismissed = true;
    await Promise.all(
      this.#places.map(async (place) => {
        await place.next;
        const { child } = place;
        if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, "exit");
        child.kill("SIGCONT");
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
        await gone;
        clearTimeout(timer);
      }),
    );
    return this.#pids.filter(isAlive).map((pid) => `process ${pid} of the crew is still there`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
