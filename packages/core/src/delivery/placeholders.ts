const PLACEHOLDER = /\{([^{}]*)\}/g;

/** Returns the names of the placeholders in a template or destination, as written. */
export function placeholdersOf(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = ""]) => name);
}

/** Replaces each placeholder of a template. */
export function fillPlaceholders(template: string, valueOf: (name: string) => string): string {
  return template.replaceAll(PLACEHOLDER, (_, name: string) => valueOf(name));
}
