import createFetchClient, { type Client } from "openapi-fetch";
import { problemOf } from "./api-problem.ts";
import type { paths } from "./schema.ts";

/** The API, by path: `api.GET("/v1/batches/{id}", { params: { path: { id } } })`. */
export type Api = Client<paths>;

export interface ApiOptions {
  /** For instance `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Absent for a server without keys. */
  readonly apiKey?: string | undefined;
}

/** Returns the headers with which a key is sent. */
export function keyHeaders({ apiKey }: Pick<ApiOptions, "apiKey">): Record<string, string> {
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
}

/**
 * Opens the API with the types of its document. Calls reject with an {@link ApiProblem} for every answer that is no
 * success, and with a `TypeError` when there is none.
 */
export function openApi(options: ApiOptions): Api {
  const api = createFetchClient<paths>({ baseUrl: options.url, headers: keyHeaders(options) });
  api.use({
    onResponse: async ({ response }) => {
      if (!response.ok) throw await problemOf(response);
    },
  });
  return api;
}

/**
 * Returns the body of a call.
 *
 * @throws ApiProblem, from the call
 */
export async function bodyOf<T>(call: Promise<{ readonly data?: T }>): Promise<NonNullable<T>> {
  const { data } = await call;
  if (data === undefined || data === null) throw new Error("the API answered without a body");
  return data;
}
