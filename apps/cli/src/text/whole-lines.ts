import type { Readable } from "node:stream";

/** Yields the lines of a text. Unlike `node:readline`, throws errors of the stream. */
export async function* wholeLines(body: Readable): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of body.setEncoding("utf8")) {
    const lines = `${rest}${String(chunk)}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
