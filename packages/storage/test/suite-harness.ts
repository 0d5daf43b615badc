import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { ObjectInfo, ObjectStore } from "@darkroom/core";

/** A store of one kind for the conformance suite. */
export interface StoreHarness {
  /** Initially empty, under its own prefix or folder. */
  readonly store: ObjectStore;
  /** Returns everything stored there, including unfinished uploads and temporary files. */
  leftovers(): Promise<string[]>;
  close(): Promise<void>;
}

export async function bytesOf(store: ObjectStore, key: string): Promise<Buffer> {
  return buffer((await store.get(key)).body);
}

export async function textOf(body: Readable): Promise<string> {
  return (await buffer(body)).toString();
}

export async function listed(list: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const infos: ObjectInfo[] = [];
  for await (const info of list) infos.push(info);
  return infos;
}

export async function keysOf(list: AsyncIterable<ObjectInfo>): Promise<string[]> {
  return (await listed(list)).map(({ key }) => key);
}

/** Calls `work` for each item, with concurrency `width`. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<unknown>) {
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

export const ODD_KEYS = [
  "a b/c  d.jpg",
  " outer space .jpg ",
  "plus+plus.jpg",
  "100%.jpg",
  "%41%2F.jpg",
  "NFC-\u00fc.jpg",
  "NFD-u\u0308.jpg",
  "日本/写真 1.jpg",
  "emoji-😀.jpg",
  "query?x#y&z=1;2.jpg",
  "quotes'\"<>.jpg",
  "signs,!@$()[]{}|^~`*:.jpg",
  "back\\slash.jpg",
  "a..b/c...jpg",
  "tab\tand\nline.jpg",
  "no-extension",
  `${"long/".repeat(120)}${"n".repeat(240)}.jpg`,
];
