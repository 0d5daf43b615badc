/** Returns the name of a picture format that a person means: `jpg` is `jpeg`. */
export function formatOfWord(word: string): string {
  return word === "jpg" ? "jpeg" : word;
}
