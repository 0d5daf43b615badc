import { PassThrough, Readable, Writable } from "node:stream";
import type { Streams } from "../terminal/terminal.ts";

/** The streams of a command in a test, and everything written to them. */
export interface TestStreams extends Streams {
  readonly out: () => string;
  readonly err: () => string;
}

export function testStreams(options: { readonly isTTY?: boolean } = {}): TestStreams {
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") =>
    Object.assign(
      new Writable({
        write: (chunk: Buffer, _, done) => {
          written[name] += String(chunk);
          done();
        },
      }),
      { isTTY: options.isTTY ?? false, columns: 100 },
    );
  const stdin =
    options.isTTY === true
      ? Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
      : Readable.from([]);
  return {
    stdin,
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    out: () => written.stdout,
    err: () => written.stderr,
  };
}
