/**
 * Names a photo that a missing one may refer to: "there is Ana.JPG, which differs only in case, accents or extension".
 * Names that differ only in accent encoding look the same, so only the missing one is shown.
 */
export function similarText(source: string, similar: string): string {
  if (!source.normalize("NFC").endsWith(similar.normalize("NFC"))) {
    return `there is ${similar}, which differs only in case, accents or extension`;
  }
  return "the name is there with its accents encoded differently; rename the file, or copy its name into the list";
}
