import type { ObjectStore } from "@darkroom/core";

/** Reads an object completely, or a range of it. */
export async function readBytes(
  store: ObjectStore,
  key: string,
  {
    range,
    signal,
  }: { readonly range?: { readonly start: number; readonly end: number }; readonly signal: AbortSignal | undefined },
): Promise<Uint8Array> {
  const options = { ...(range === undefined ? {} : { range }), ...(signal === undefined ? {} : { signal }) };
  const { body } = await store.get(key, options);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
