import type { z } from "zod";

/** One entry of a 422's `detail[]`. */
export interface RequestFault {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

/** Returns the problems of a request's body, in both providers' form. */
export function faultsOf(error: z.ZodError): RequestFault[] {
  return error.issues.map((issue) => ({
    type: issue.code,
    loc: ["body", ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))],
    msg: issue.message,
  }));
}
