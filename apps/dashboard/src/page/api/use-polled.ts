import { useEffect, useMemo } from "preact/hooks";
import { getJson } from "./client.ts";
import { poll, type Polled } from "./poll.ts";

/** Reads a path of the API regularly while a component is shown. */
export function usePolled<T>(path: string, everyMs: number): Polled<T> {
  const polled = useMemo(() => poll((signal) => getJson<T>(path, signal), everyMs), [path, everyMs]);
  useEffect(() => polled.stop, [polled]);
  return polled;
}
