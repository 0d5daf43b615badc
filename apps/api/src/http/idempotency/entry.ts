/** The answer of a request, as a repetition gets it. */
export interface KeptAnswer {
  readonly status: number;
  readonly location?: string | undefined;
  /** JSON; absent in an answer without a body, and if the body was not kept. */
  readonly body?: string | undefined;
  /** Why the response body was not stored. */
  readonly withoutBody?: "secret" | "too long" | undefined;
  /** Id of the created resource, if the body was not stored. */
  readonly id?: string | undefined;
}

/** The value of an `Idempotency-Key` in Redis. `digest` identifies the request. */
export type Entry =
  /** A submission that is being accepted. Expires soon if its server dies. */
  | { readonly kind: "pending"; readonly token: string; readonly digest: string }
  /** A submission's batch. */
  | {
      readonly kind: "batch";
      readonly id: string;
      readonly digest: string;
      readonly notedAt: number;
      /** Digest of the manifest uploaded with the submission. */
      readonly manifest?: string | undefined;
    }
  /** Any other request that is being carried out. */
  | { readonly kind: "running"; readonly token: string; readonly digest: string; readonly seenAt: number }
  /** Any other request that was carried out. */
  | { readonly kind: "answered"; readonly digest: string; readonly answer: KeptAnswer };
