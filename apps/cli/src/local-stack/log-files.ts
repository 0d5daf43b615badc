import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { createLogger, type Logger } from "@darkroom/runtime";

/** Size above which a log file is rotated at the next start. One old file is kept. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;

export interface LogFiles {
  /** Absolute. */
  readonly folder: string;
  logger(app: string): Logger;
  close(): Promise<void>;
}

/** Opens a log file under `<dataDir>/logs` for each app in this process. The apps never log to the terminal. */
export async function openLogFiles(dataDir: string, level: string): Promise<LogFiles> {
  const folder = join(dataDir, "logs");
  await mkdir(folder, { recursive: true });
  const streams: WriteStream[] = [];
  for (const app of ["api", "producer", "worker"]) await putAside(join(folder, `${app}.log`));
  return {
    folder,
    logger: (app) => {
      const stream = createWriteStream(join(folder, `${app}.log`), { flags: "a" });
      // A full disk must not stop the work.
      stream.on("error", () => undefined);
      streams.push(stream);
      return createLogger({ level, name: app, destination: stream });
    },
    close: async () => {
      await Promise.all(streams.map((stream) => new Promise<void>((resolve) => stream.end(() => resolve()))));
    },
  };
}

async function putAside(path: string): Promise<void> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await rename(path, `${path}.old`);
}
