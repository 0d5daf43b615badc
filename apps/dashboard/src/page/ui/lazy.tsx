import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Shows a view whose script is loaded at its first use. */
export function Lazy({ load }: { readonly load: () => Promise<{ readonly default: ComponentType }> }) {
  const [view, setView] = useState<{ readonly Loaded: ComponentType } | undefined>(undefined);
  const [fault, setFault] = useState(false);
  useEffect(() => {
    load().then(
      ({ default: Loaded }) => setView({ Loaded }),
      () => setFault(true),
    );
  }, [load]);
  if (fault) return <p class="note bad">This part of the page did not load. Reload the page.</p>;
  return view === undefined ? <p class="note">Loading…</p> : <view.Loaded />;
}
