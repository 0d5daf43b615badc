/** Characters that a file name of some operating system cannot contain. */
// oxlint-disable-next-line no-control-regex -- Windows refuses control characters in names
const UNSAFE = /[\u0000-\u001f\\:*?"<>|]/g;
/** Device names in Windows, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** Names files in a ZIP so that every system can unpack them, including systems that ignore case. */
export class ZipNames {
  readonly #taken = new Set<string>();

  /** Returns the name for a key: the key itself, unless some system cannot have it or would confuse it with another. */
  of(key: string): string {
    const safe = key.split("/").map(safeName).join("/");
    let name = safe;
    for (let number = 2; this.#taken.has(folded(name)); number += 1) name = numbered(safe, number);
    this.#taken.add(folded(name));
    return name;
  }
}

function safeName(name: string): string {
  return name
    .replaceAll(UNSAFE, "_")
    .replace(/[. ]+$/, (end) => "_".repeat(end.length))
    .replace(DEVICE, "_$&");
}

/** Names that fold to the same text are the same file on some systems. */
function folded(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

function numbered(name: string, number: number): string {
  const dot = name.lastIndexOf(".");
  return dot > name.lastIndexOf("/") ? `${name.slice(0, dot)}-${number}${name.slice(dot)}` : `${name}-${number}`;
}
