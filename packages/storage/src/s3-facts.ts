/** The relevant data of an SDK error, including the store's own code and message. */
export interface S3Facts {
  /** The store's code, such as `AccessDenied`, or the error's name. Empty if the store returned only a status. */
  readonly name: string;
  /** Code of a failed connection, such as `ECONNREFUSED`; empty otherwise. */
  readonly code: string;
  readonly status: number | undefined;
  /** The store's message. Empty if the response has none, as in a response to HEAD. */
  readonly sentence: string;
  /** The region or endpoint to which the store redirects. */
  readonly elsewhere: string | undefined;
  /** Difference by which this machine's clock is ahead of the store's, in ms, if known. */
  readonly aheadMs: number | undefined;
}

/** Matches names that the SDK invents for a response without a body. */
const NAMELESS = /^(?:Error|\d+|Unknown.*)$/;
const LONGEST_SENTENCE = 400;

export function factsOf(error: unknown, nowMs = Date.now()): S3Facts {
  const none = { name: "", code: "", status: undefined, sentence: "", elsewhere: undefined, aheadMs: undefined };
  if (!(error instanceof Error)) return none;
  const given = error as unknown as Readonly<Record<string, unknown>>;
  const status = recordOf(given["$metadata"])?.["httpStatusCode"];
  const headers = recordOf(recordOf(given["$response"])?.["headers"]) ?? {};
  return {
    name: NAMELESS.test(error.name) ? "" : error.name,
    code: textOf(given["code"]) ?? "",
    status: typeof status === "number" ? status : undefined,
    sentence: NAMELESS.test(error.message) || error.message === error.name ? "" : sentenceOf(error.message),
    elsewhere:
      textOf(given["Region"]) ?? textOf(headers["x-amz-bucket-region"]) ?? textOf(given["Endpoint"]) ?? undefined,
    aheadMs: aheadOf(textOf(given["ServerTime"]) ?? textOf(headers["date"]), nowMs),
  };
}

function sentenceOf(message: string): string {
  return message.trim().replace(/\.$/, "").slice(0, LONGEST_SENTENCE);
}

function aheadOf(serverTime: string | undefined, nowMs: number): number | undefined {
  const at = Date.parse(serverTime ?? "");
  return Number.isNaN(at) ? undefined : nowMs - at;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
