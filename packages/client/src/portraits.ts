import { bodyOf, type Api } from "./client.ts";
import type { operations, Portrait } from "./schema.ts";

/** Selects portraits; all that is given must match. */
export type PortraitFilter = Omit<
  NonNullable<operations["listPortraits"]["parameters"]["query"]>,
  "cursor" | "indexes"
>;

/** Lists a batch's portraits in the order of its source, page by page. */
export async function* portraitsOf(api: Api, batchId: string, filter: PortraitFilter = {}): AsyncGenerator<Portrait> {
  let cursor: string | undefined;
  do {
    const query = { ...filter, ...(cursor === undefined ? {} : { cursor }) };
    const page: PortraitPage = await bodyOf(
      api.GET("/v1/batches/{id}/portraits", { params: { path: { id: batchId }, query } }),
    );
    yield* page.portraits;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

type PortraitPage = operations["listPortraits"]["responses"][200]["content"]["application/json"];
