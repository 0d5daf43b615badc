import { readFile } from "node:fs/promises";
import { DarkroomError } from "@darkroom/core";
import type { Reply } from "../fault-server.ts";

/** The last line of a recording specifies how the answer continued. Without such a line, the answer ended in order. */
const ENDINGS = { "=== cut": "cut", "=== silence": "silence" } as const;
/** Chunk sizes in which a body is sent, in turn, because no reader may rely on packet boundaries. */
const PIECES = [1, 7, 64, 3, 512, 11] as const;

interface Recording {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly ending: "end" | "cut" | "silence";
}

/**
 * Reads a recorded answer as received: status line, headers, blank line and body. An optional last line `=== cut` or
 * `=== silence` means that the connection broke or went silent. Replaces placeholders `{{name}}`.
 *
 * @throws DarkroomError `invalid_input` when the file is not a recording
 */
export async function readRecording(
  path: string | URL,
  words: Readonly<Record<string, string>> = {},
): Promise<Recording> {
  const text = (await readFile(path, "utf8")).replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => words[name] ?? "");
  const [, status, fields = "", rest = ""] = /^HTTP\/1\.1 (\d{3})[^\n]*\n((?:[^\n]+\n)*)\n?([\s\S]*)$/.exec(text) ?? [];
  if (status === undefined) {
    throw new DarkroomError("invalid_input", `${String(path)} does not begin with a status line of HTTP/1.1`);
  }
  const [, body = "", marked] = /^([\s\S]*?)(?:(=== (?:cut|silence))\s*)?$/.exec(rest) ?? [];
  const headers = fields.split("\n").flatMap((line) => {
    const colon = line.indexOf(":");
    return colon < 0 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const];
  });
  return {
    status: Number(status),
    headers: Object.fromEntries(headers),
    body: Buffer.from(marked === undefined ? rest : body),
    ending: marked === undefined ? "end" : ENDINGS[marked as keyof typeof ENDINGS],
  };
}

/** Plays a recording in chunks of changing size. */
export function replay({ status, headers, body, ending }: Recording): Reply {
  return async ({ response, gone }) => {
    response.writeHead(status, headers);
    response.flushHeaders();
    for (let at = 0, piece = 0; at < body.length && !response.destroyed; piece += 1) {
      const end = at + (PIECES[piece % PIECES.length] ?? 1);
      await new Promise<void>((resolve) => void response.write(body.subarray(at, end), () => resolve()));
      at = end;
    }
    if (ending === "cut") response.destroy();
    else if (ending === "end") response.end();
    else await gone;
  };
}
