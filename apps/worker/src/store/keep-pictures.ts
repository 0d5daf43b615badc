import { batchKeys, isDarkroomError, keptLink, messageOf, sha256, withKept } from "@darkroom/core";
import { sniffContent } from "@darkroom/imaging";
import { DestinationBlocked } from "../destinations/destinations.ts";
import type { PreparedRun } from "../run/portrait-run.ts";

const DIGEST_DIGITS = 32;

/** Where a paid picture is kept that could not be put in its place. Its content is in its name: another one never is. */
function keptKey(batchId: string, index: number, bytes: Uint8Array): string {
  return batchKeys(batchId).kept(index, sha256(bytes).slice(0, DIGEST_DIGITS), extensionOf(bytes));
}

/** Whether these are the bytes that a key was made for. */
export function isKeptAt(key: string, bytes: Uint8Array): boolean {
  return key.includes(`-${sha256(bytes).slice(0, DIGEST_DIGITS)}.`);
}

/**
 * Puts a paid picture under the batch's own folder, in the same store that has refused it elsewhere.
 *
 * @returns undefined where the store takes it there neither
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
    context.log.warn({ key }, `a paid picture could not be kept either: ${messageOf(error)}`);
    return undefined;
  }
}

/**
 * Keeps the pictures of an answer that are in this process alone. From then on the receipt names them as it names links:
 * the memory that they took is free, another run or a retry stores them, and nothing is paid again.
 *
 * @returns false where the store does not take all of them: nothing is changed then
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
  context.log.warn({ batch: claim.spec.id, portrait: claim.index }, "paid pictures are kept until they can be stored");
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
