/** Returns the picture format for a name that a user wrote: `jpg` is `jpeg`. */
export function formatOfWord(word: string): string {
  return word === "jpg" ? "jpeg" : word;
}
