import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

interface LazyProps<Props> {
  readonly load: () => Promise<{ readonly default: ComponentType<Props> }>;
  readonly props: Props;
}

/** Shows a view whose script is loaded at its first use. */
export function Lazy<Props extends object>({ load, props }: LazyProps<Props>) {
  const [view, setView] = useState<{ readonly Loaded: ComponentType<Props> } | undefined>(undefined);
  const [fault, setFault] = useState(false);
  useEffect(() => {
    load().then(
      ({ default: Loaded }) => setView({ Loaded }),
      () => setFault(true),
    );
  }, [load]);
  if (fault) return <p class="note bad">This part of the page did not load. Reload the page.</p>;
  return view === undefined ? <p class="note">Loading…</p> : <view.Loaded {...props} />;
}
