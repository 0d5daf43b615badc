/** A line that is longer continues with the next one: the sources wrap their paragraphs at 120 columns. */
const WRAPPED_AT = 80;
/** Narrower terminals are not wrapped for, because no word would fit beside its indentation. */
const NARROWEST = 40;

/**
 * Wraps the lines of a help text at a terminal's width. A continued line keeps the indentation of its first line.
 * Commands to copy (`  $ …`) and the lines that continue them stay whole.
 *
 * @param width columns; undefined for no terminal
 */
export function wrapHelp(text: string, width: number | undefined): string {
  if (width === undefined || width < NARROWEST) return text;
  let isCommand = false;
  return paragraphs(text.split("\n"))
    .map((line) => {
      isCommand = /^\s*\$ /.test(line) || (isCommand && /^\s+--/.test(line));
      return isCommand || line.length <= width ? line : wrapLine(line, width);
    })
    .join("\n");
}

/** Joins the lines of paragraphs. */
function paragraphs(lines: readonly string[]): readonly string[] {
  const joined: string[] = [];
  let isOpen = false;
  for (const line of lines) {
    const isProse = /^\S/.test(line);
    const before = joined.at(-1);
    if (isOpen && isProse && before !== undefined) joined[joined.length - 1] = `${before} ${line}`;
    else joined.push(line);
    isOpen = isProse && line.length > WRAPPED_AT;
  }
  return joined;
}

function wrapLine(line: string, width: number): string {
  const indentation = /^\s*/.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = indentation;
  for (const word of line.trim().split(" ")) {
    const isFirst = current === indentation;
    if (!isFirst && current.length + 1 + word.length > width) {
      lines.push(current.trimEnd());
      current = indentation + word;
    } else current += isFirst ? word : ` ${word}`;
  }
  return [...lines, current].join("\n");
}
