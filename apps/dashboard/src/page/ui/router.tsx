import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** The path of the view. */
export const path = signal(location.pathname);

window.addEventListener("popstate", () => (path.value = location.pathname));

export function go(to: string): void {
  if (to === location.pathname + location.search) return;
  history.pushState(null, "", to);
  path.value = location.pathname;
  scrollTo(0, 0);
}

/** Shows another view in place of this one, and removes the present address from the history. */
export function replace(to: string): void {
  history.replaceState(null, "", to);
  path.value = location.pathname;
}

/** Replaces one query parameter of the URL, so that every view has a link. Undefined removes the parameter. */
export function setQuery(name: string, value: string | undefined): void {
  const url = new URL(location.href);
  if (value === undefined) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  history.replaceState(null, "", url);
}

export function queryOf(name: string): string | null {
  return new URL(location.href).searchParams.get(name);
}

/** A link within the page. With a modifier key, the browser handles the click as usual. */
export function Link(props: { readonly to: string; readonly class?: string; readonly children: ComponentChildren }) {
  const { to, children } = props;
  const follow = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  const here = path.value === to ? ({ "aria-current": "page" } as const) : {};
  return (
    <a href={to} class={props.class} onClick={follow} {...here}>
      {children}
    </a>
  );
}
