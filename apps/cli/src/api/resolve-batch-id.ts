import { isBatchId } from "@darkroom/core";
import type { DarkroomClient } from "./client.ts";
import { CommandError, EXIT } from "../exit-codes.ts";

/** Number of pages searched for an id prefix. */
const PREFIX_PAGES = 10;
const PAGE = 200;

type Lists = Pick<DarkroomClient, "list" | "folder">;

/** Returns the message for a folder without batches. */
export function noBatchText({ folder }: Pick<DarkroomClient, "folder">): string {
  const where = folder === undefined ? "" : ` in ${folder}; each folder has batches of its own`;
  return `There is no batch yet${where}. Start one: darkroom enhance SRC DST …`;
}

/**
 * Resolves an id that a user typed: a complete id, a unique prefix, or `last`.
 *
 * @throws CommandError with exit code 2 when it matches no batch, or more than one
 */
export async function resolveBatchId(client: Lists, given: string): Promise<string> {
  const wanted = given.trim().toLowerCase();
  if (isBatchId(wanted)) return wanted;
  if (wanted === "last") {
    const [newest] = (await client.list(1)).batches;
    if (newest !== undefined) return newest.id;
    throw new CommandError(EXIT.usage, noBatchText(client));
  }
  const found = await withPrefix(client, wanted);
  const [id] = found;
  if (id !== undefined && found.length === 1) return id;
  throw new CommandError(
    EXIT.usage,
    id === undefined
      ? `There is no batch whose id begins with "${given}"${client.folder === undefined ? "" : ` in ${client.folder}`}. darkroom list shows those that there are.`
      : `More than one batch begins with "${given}": ${found.slice(0, 3).join(", ")}. Type more of it, or "last".`,
  );
}

async function withPrefix(client: Lists, prefix: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PREFIX_PAGES; page++) {
    const { batches, nextCursor } = await client.list(PAGE, cursor);
    found.push(...batches.map(({ id }) => id).filter((id) => id.startsWith(prefix)));
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return found;
}
