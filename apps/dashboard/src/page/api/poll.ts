import { signal, type ReadonlySignal } from "@preact/signals";
import { ApiError } from "./client.ts";

/** A value that is polled while the page is visible. */
export interface Polled<T> {
  readonly value: ReadonlySignal<T | undefined>;
  /** Why the last read failed; undefined if it succeeded. */
  readonly error: ReadonlySignal<string | undefined>;
  readonly refresh: () => void;
  readonly stop: () => void;
}

/** Reads at once, then every `everyMs`. A hidden page does not read, and reads again when it becomes visible. */
export function poll<T>(read: (signal: AbortSignal) => Promise<T>, everyMs: number): Polled<T> {
  const value = signal<T | undefined>(undefined);
  const error = signal<string | undefined>(undefined);
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;

  const once = async (): Promise<void> => {
    clearTimeout(timer);
    if (reading || abort.signal.aborted) return;
    if (document.hidden) return;
    reading = true;
    try {
      value.value = await read(abort.signal);
      error.value = undefined;
    } catch (caught) {
      if (abort.signal.aborted) return;
      error.value = caught instanceof ApiError ? caught.message : String(caught);
    } finally {
      reading = false;
    }
    if (!abort.signal.aborted) timer = setTimeout(() => void once(), everyMs);
  };
  const shown = (): void => void once();
  document.addEventListener("visibilitychange", shown);
  void once();
  return {
    value,
    error,
    refresh: () => void once(),
    stop: () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
    },
  };
}
