import { batchKeys, isDarkroomError, keptLink, messageOf, sha256, withKept } from "@darkroom/core";
import { sniffContent } from "@darkroom/imaging";
import { DestinationBlocked } from "../destinations/destinations.ts";
import type { PreparedRun } from "../run/portrait-run.ts";

const DIGEST_DIGITS = 32;

/**
 * Returns the key for a paid picture whose own key the store refused. Contains a content hash, so it never overwrites
 * another picture.
 */
function keptKey(batchId: string, index: number, bytes: Uint8Array): string {
  return batchKeys(batchId).kept(index, sha256(bytes).slice(0, DIGEST_DIGITS), extensionOf(bytes));
}

/** True when the key was made for these bytes. */
export function isKeptAt(key: string, bytes: Uint8Array): boolean {
  return key.includes(`-${sha256(bytes).slice(0, DIGEST_DIGITS)}.`);
}

/**
 * Stores a paid picture in the batch's own folder when the store refused its key.
 *
 * @returns undefined when the store refuses this folder too
 */
export async function keepPicture(run: PreparedRun, bytes: Uint8Array): Promise<string | undefined> {
  const { context, claim, prepared, signal } = run;
  const key = keptKey(claim.spec.id, claim.index, bytes);
  try {
    await prepared.destination.put(key, bytes, { contentType: contentTypeOf(bytes), signal });
    return key;
  } catch (error) {
    signal.throwIfAborted();
    if (!isDarkroomError(error) && !(error instanceof DestinationBlocked)) throw error;
    context.log.warn({ key }, `a paid picture could not be kept in the batch's folder either: ${messageOf(error)}`);
    return undefined;
  }
}

/**
 * Stores an answer's pictures, which exist only in this process, in the batch's folder, and records them in the receipt
 * like links. This frees their memory, and another run or a retry can deliver them without another payment.
 *
 * @returns false when the store refuses any of them; nothing changes then
 */
export async function keepPictures(run: PreparedRun, pictures: readonly Uint8Array[]): Promise<boolean> {
  const { context, claim } = run;
  const links: string[] = [];
  for (const bytes of pictures) {
    const key = await keepPicture(run, bytes);
    if (key === undefined) return false;
    links.push(keptLink(key));
  }
  if (links.length === 0) return false;
  await run.write(withKept(run.receipt, links));
  context.log.warn(
    { batch: claim.spec.id, portrait: claim.index },
    "the store refused paid pictures: kept them in the batch's folder",
  );
  return true;
}

function contentTypeOf(bytes: Uint8Array): string {
  const content = sniffContent(bytes);
  return content.kind === "picture" ? content.contentType : "application/octet-stream";
}

function extensionOf(bytes: Uint8Array): string {
  const [, kind = ""] = contentTypeOf(bytes).split("/");
  return kind === "jpeg" ? "jpg" : kind.includes("-") ? "bin" : kind;
}
