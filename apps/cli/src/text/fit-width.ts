/** Marks where a text was cut. */
const CUT = "…";
/** Share of a cut text that comes from its beginning: the end of a path says more than its beginning. */
const FROM_BEGINNING = 1 / 3;

const segmenter = new Intl.Segmenter();

/** Returns the characters of a text as people count them. */
export function charactersOf(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Cuts a text in its middle, with a sign, so that it has at most `width` characters. */
export function cutMiddle(text: string, width: number): string {
  const characters = charactersOf(text);
  if (characters.length <= width) return text;
  const beginning = Math.max(0, Math.floor((width - 1) * FROM_BEGINNING));
  const end = Math.max(0, width - 1 - beginning);
  return `${characters.slice(0, beginning).join("")}${CUT}${characters.slice(characters.length - end).join("")}`;
}

/** Breaks a text at its spaces into lines of at most `width` characters. A longer word is a line of its own. */
export function linesOf(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
