import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

type Load<Props> = () => Promise<{ readonly default: ComponentType<Props> }>;

interface LazyProps<Props> {
  readonly load: Load<Props>;
  readonly props: Props;
}

/** Views whose scripts are there. */
const loaded = new Map<unknown, unknown>();

/** Preloads a view's script, so that the view opens at once. A failed load is retried when the view opens. */
export function preload<Props>(load: Load<Props>): void {
  load().then(
    ({ default: Loaded }) => loaded.set(load, Loaded),
    () => undefined,
  );
}

/** Shows a view whose script is loaded at its first use. */
export function Lazy<Props extends object>({ load, props }: LazyProps<Props>) {
  const [, setVersion] = useState(0);
  const [fault, setFault] = useState(false);
  const Loaded = loaded.get(load) as ComponentType<Props> | undefined;
  useEffect(() => {
    if (loaded.has(load)) return;
    load().then(
      ({ default: view }) => {
        loaded.set(load, view);
        setVersion((version) => version + 1);
      },
      () => setFault(true),
    );
  }, [load]);
  if (fault) return <p class="note bad">This part of the page did not load. Reload the page.</p>;
  return Loaded === undefined ? <p class="note">Loading…</p> : <Loaded {...props} />;
}
