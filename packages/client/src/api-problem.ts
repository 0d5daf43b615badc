import type { Problem } from "./schema.ts";

/** An answer of the API that is no success (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  /** Of docs/error-codes.md; undefined if the answer is not the API's, for instance a proxy's. */
  readonly code: Problem["code"] | undefined;
  /** The input at fault, if there is one. */
  readonly field: string | undefined;
  /** All that is wrong with the request. */
  readonly errors: NonNullable<Problem["errors"]>;

  constructor(status: number, { code, detail, field, errors = [] }: Partial<Problem>) {
    super(detail ?? `The server answered ${status}.`);
    this.status = status;
    this.code = code;
    this.field = field;
    this.errors = errors;
  }

  /** True if the same request may succeed later. */
  get isPassing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** Reads a problem from a response. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => undefined);
  return new ApiProblem(response.status, typeof body === "object" && body !== null ? body : {});
}
