import { startHttpFront } from "./http-front.ts";

/**
 * Stands before a provider, and answers a status of its own, or nothing, to everything or to some requests, while it is
 * told to. The provider may be named later, by `passTo`.
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
    /** What was refused or held so far, as `METHOD /path`. */
    refused: refused as readonly string[],
    /** From now on this status answers every request, or those that begin so, as in `GET` or `GET /memory`. */
    refuse: (status: number, only = "") => void (refusal = { status, only }),
    /** From now on these get no answer. */
    hold: (only = "") => void (refusal = { status: undefined, only }),
    /** Every request goes on to the provider again. */
    pass: () => void (refusal = undefined),
  };
}

export type RefusingFront = Awaited<ReturnType<typeof startRefusingFront>>;
