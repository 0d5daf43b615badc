import type { ObjectStore } from "@darkroom/core";
import { joinUrl } from "./urls.ts";

interface Place {
  readonly store: ObjectStore;
  readonly key: string;
}

/** True for two names of one object. In a local folder names that differ in case alone are taken for one. */
export function isSameObject(one: Place, other: Place): boolean {
  if (one.store.kind !== other.store.kind) return false;
  const [a, b] = [one, other].map(({ store, key }) => joinUrl(store.url, key)) as [string, string];
  return one.store.kind === "local" ? a.toLowerCase() === b.toLowerCase() : a === b;
}
