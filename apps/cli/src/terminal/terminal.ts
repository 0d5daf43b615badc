import type { Readable, Writable } from "node:stream";

/** The streams of the command. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** DEC private modes, supported by terminals since the VT100. */
const SHOW_CURSOR = "\u001B[?25h";
const WRAP_LINES = "\u001B[?7h";

/** Prints results to stdout and everything else to stderr. With `--json`, stdout contains only JSON. */
export class Terminal {
  readonly streams: Streams;
  readonly json: boolean;
  #aside: ((text: string) => void) | undefined;

  constructor(streams: Streams, json: boolean) {
    this.streams = streams;
    this.json = json;
  }

  /** True when a user can be asked. */
  get canAsk(): boolean {
    return !this.json && this.streams.stdin.isTTY === true && this.streams.stderr.isTTY === true;
  }

  /** A result for people; goes to stderr with JSON. */
  say(text: string): void {
    (this.json ? this.streams.stderr : this.streams.stdout).write(`${text}\n`);
  }

  /** A message beside the result. */
  note(text: string): void {
    if (this.#aside === undefined) this.streams.stderr.write(`${text}\n`);
    else this.#aside(text);
  }

  /** Lets the current display, such as a progress bar, print notes beside itself; undefined once it is gone. */
  noteBeside(aside: ((text: string) => void) | undefined): void {
    this.#aside = aside;
  }

  /** Shows the cursor again that a progress bar has hidden, for an exit without ending the bar. */
  restore(): void {
    if (this.streams.stderr.isTTY === true) this.streams.stderr.write(`${SHOW_CURSOR}${WRAP_LINES}\n`);
  }

  /** One line of JSON on stdout. */
  data(value: unknown): void {
    this.streams.stdout.write(`${JSON.stringify(value)}\n`);
  }
}
