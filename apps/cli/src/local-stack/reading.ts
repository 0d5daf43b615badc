import { existsSync } from "node:fs";
import { DarkroomError, type BatchStatus } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import type { CliEnv } from "../environment/env.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { findSharedSession, type Session } from "./session.ts";

/** The source of batches for a read-only command. */
export interface Reading extends Pick<Session, "kind" | "close"> {
  readonly client: Pick<DarkroomClient, "list" | "url" | "folder"> & {
    status(id: string): Promise<BatchStatus>;
  };
  /** The API, if one runs. */
  readonly api: DarkroomClient | undefined;
}

/** An address of this machine, for texts that depend on where the API is. */
const HERE = "http://127.0.0.1";

/** Opens the named API, the API of a running stack, or otherwise the stored state of the data folder. */
export async function openReading(env: CliEnv, terminal: Terminal): Promise<Reading> {
  const shared = await findSharedSession(env);
  if (shared !== undefined) return { ...shared, api: shared.client };
  if (env.redisUrl === undefined && !existsSync(env.dataDir)) return nothingKept(env);
  const { openLocalReader } = await import("./local-reader.ts");
  const { list, status, close } = await openLocalReader(env, (line) => terminal.note(line));
  return { kind: "own", api: undefined, client: { url: HERE, folder: env.dataDir, list, status }, close };
}

/** A folder to which nothing was submitted. Reading it creates no data folder. */
function nothingKept(env: CliEnv): Reading {
  const list = () => Promise.resolve({ batches: [], nextCursor: null });
  const status = () => Promise.reject(new DarkroomError("not_found", `there is no batch in ${env.dataDir}`));
  return { kind: "own", api: undefined, client: { url: HERE, folder: env.dataDir, list, status }, close: noop };
}

async function noop(): Promise<void> {}
