import { startHttpFront } from "./http-front.ts";

/**
 * Starts a proxy in front of a provider that, on request, responds to some or all requests with a given status, or
 * never. The provider may be set later with `passTo`.
 */
export async function startRefusingFront(provider?: string) {
  let refusal: { readonly status: number | undefined; readonly only: string } | undefined;
  const refused: string[] = [];
  const front = await startHttpFront(provider, {
    answers: ({ method = "", url = "/" }, response) => {
      const asked = `${method} ${url}`;
      if (refusal === undefined || !asked.startsWith(refusal.only)) return false;
      refused.push(asked);
      if (refusal.status !== undefined) {
        response.writeHead(refusal.status, { "content-type": "application/json" }).end('{"detail":"not now"}');
      }
      return true;
    },
  });
  return {
    ...front,
    /** The refused or unanswered requests so far, as `METHOD /path`. */
    refused: refused as readonly string[],
    /**
     * Responds to every request with this status, or only to those with this prefix, such as `GET` or `GET /memory`.
     */
    refuse: (status: number, only = "") => void (refusal = { status, only }),
    /** Leaves these requests without a response. */
    hold: (only = "") => void (refusal = { status: undefined, only }),
    /** Forwards every request to the provider again. */
    pass: () => void (refusal = undefined),
  };
}

export type RefusingFront = Awaited<ReturnType<typeof startRefusingFront>>;
