import type { Readable, Writable } from "node:stream";

/** The streams of the command. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
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

  /** True when the command can ask the user. */
  get canAsk(): boolean {
    return !this.json && this.streams.stdin.isTTY === true && this.streams.stderr.isTTY === true;
  }

  /** The columns of the terminal that shows results; undefined if they go elsewhere. */
  get width(): number | undefined {
    const { stdout } = this.streams;
    return !this.json && stdout.isTTY === true ? stdout.columns : undefined;
  }

  /** Prints a result for the user; to stderr with `--json`. */
  say(text: string): void {
    (this.json ? this.streams.stderr : this.streams.stdout).write(`${text}\n`);
  }

  /** Prints a message beside the result. */
  note(text: string): void {
    if (this.#aside === undefined) this.streams.stderr.write(`${text}\n`);
    else this.#aside(text);
  }

  /** Registers a display, such as a progress bar, that prints notes beside itself. Undefined removes the display. */
  noteBeside(aside: ((text: string) => void) | undefined): void {
    this.#aside = aside;
  }

  /** Shows the cursor that a progress bar has hidden, for an exit that does not close the bar. */
  restore(): void {
    if (this.streams.stderr.isTTY === true) this.streams.stderr.write(`${SHOW_CURSOR}${WRAP_LINES}\n`);
  }

  /** Prints one line of JSON to stdout. */
  data(value: unknown): void {
    this.streams.stdout.write(`${JSON.stringify(value)}\n`);
  }
}
