import { readFile } from "node:fs/promises";
import { DarkroomError } from "@darkroom/core";
import type { Reply } from "../fault-server.ts";

/** The last line of a recording says how it went on; without one the answer ended in good order. */
const ENDINGS = { "=== cut": "cut", "=== silence": "silence" } as const;
/** Sizes of the pieces in which a body is sent, in turn: no reader may count on where a packet ends. */
const PIECES = [1, 7, 64, 3, 512, 11] as const;

interface Recording {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly ending: "end" | "cut" | "silence";
}

/**
 * Reads a recorded answer: a status line, headers, a blank line and the body, as they came over the wire; a last line
 * `=== cut` or `=== silence` where the connection broke or nothing more came. Words of the form `{{name}}` are filled in.
 *
 * @throws DarkroomError `invalid_input` when the file is no recording
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

/** Plays a recording, in pieces of changing size. */
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
