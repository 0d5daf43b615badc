/**
 * Names the photo that a missing one is taken for: "there is Ana.JPG, which differs only in case, accents or extension".
 * Two names that differ only in the encoding of accents look the same, so that only the missing one is shown.
 */
export function similarText(source: string, similar: string): string {
  if (!source.normalize("NFC").endsWith(similar.normalize("NFC"))) {
    return `there is ${similar}, which differs only in case, accents or extension`;
  }
  return "the name is there with its accents encoded differently; rename the file, or copy its name into the list";
}
