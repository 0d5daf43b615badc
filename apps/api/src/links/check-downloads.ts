import { DarkroomError } from "@darkroom/core";
import type { Caller } from "../access/caller.ts";

/**
 * Rejects downloads by a client whose link does not allow them.
 *
 * @throws DarkroomError `forbidden`
 */
export function checkDownloads({ link }: Pick<Caller, "link">): void {
  if (link?.downloads === false) throw new DarkroomError("forbidden", "This link does not allow downloads.");
}
