import { startHttpFront } from "./http-front.ts";

/** Stands before a provider, and answers a status of its own, to everything or to one method, while it is told to. */
export async function startRefusingFront(provider: string) {
  let refusal: { readonly status: number; readonly only: string | undefined } | undefined;
  const refused: string[] = [];
  const front = await startHttpFront(provider, {
    answers: ({ method = "", url = "/" }, response) => {
      if (refusal === undefined || (refusal.only ?? method) !== method) return false;
      refused.push(`${method} ${url}`);
      response.writeHead(refusal.status, { "content-type": "application/json" }).end('{"detail":"not now"}');
      return true;
    },
  });
  return {
    ...front,
    /** What was refused so far, as `METHOD /path`. */
    refused: refused as readonly string[],
    /** From now on this status answers every request, or those of one method. */
    refuse: (status: number, only?: string) => void (refusal = { status, only }),
    /** Every request goes on to the provider again. */
    pass: () => void (refusal = undefined),
  };
}

export type RefusingFront = Awaited<ReturnType<typeof startRefusingFront>>;
