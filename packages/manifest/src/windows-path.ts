import { shown } from "./manifest-record.ts";

/** A drive letter or file server name, as in Windows paths. */
const PLACE = /^(?:([a-z]):[\\/]|\\\\)/i;

/**
 * Explains why an absolute Windows path cannot be a source, and what to write instead; undefined for another source.
 * Darkroom runs on Linux and macOS, so no such path names a file of its machine.
 *
 * @param isLocal true if the photos are in a folder of Darkroom's machine, so that the user need not upload them
 */
export function windowsPathFault(value: string, isLocal: boolean): string | undefined {
  const place = PLACE.exec(value);
  if (place === null) return undefined;
  if (!isLocal) {
    return `${shown(value)} is a path on your computer, which Darkroom cannot read; upload the photo, and write its key or its https:// link`;
  }
  const [drive, ...names] = slashed(value).split("/");
  const name = names.pop() ?? "";
  const alone = `write the file name alone (${name})`;
  if (place[1] === undefined) {
    return `${shown(value)} is a path of a Windows file server; mount the server, ${alone}, and give the mounted folder as baseUrl (--base)`;
  }
  const inWsl = ["/mnt", (drive ?? "").slice(0, 1).toLowerCase(), ...names].join("/");
  return `${shown(value)} is a Windows path; ${alone}, and give its folder as baseUrl (--base), in WSL ${inWsl}`;
}

/** Returns a Windows path with the separators of Linux and macOS. */
export function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}
