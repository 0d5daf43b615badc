import { parseGivenPicture, RESULT_METADATA, type GivenPicture } from "@darkroom/core";
import type { GivenPictures } from "@darkroom/ledger";
import { confirmClaim } from "../claims/confirm-claim.ts";
import type { Prepared } from "../prepare/prepared.ts";
import type { PreparedRun } from "../run/portrait-run.ts";

/** A received picture, and the index of another photo's portrait that received the same picture. */
export interface ComparedPicture {
  readonly given: GivenPicture;
  readonly sharedWith: number | undefined;
}

/** Compares a picture with those of other portraits, and confirms the claim. */
export async function comparePicture(run: PreparedRun, given: GivenPictures): Promise<ComparedPicture> {
  const [digest = ""] = given.digests;
  const sharedWith = await confirmClaim(run, given);
  return { given: { digest, photo: given.photo }, sharedWith };
}

/** Repeats the comparison for a main picture that an earlier run stored. */
export async function givenOfStored({ destination, row }: Prepared): Promise<ComparedPicture | undefined> {
  const head = await destination.head(row.destination);
  const given = parseGivenPicture(head?.metadata[RESULT_METADATA.given]);
  return given === undefined ? undefined : { given, sharedWith: undefined };
}

export function withFurther(given: GivenPicture, further: readonly string[]): GivenPicture {
  return further.length === 0 ? given : { ...given, further };
}

/** The message for a picture that another photo's portrait also received. */
export async function sharedMessage({ context, claim, prepared }: PreparedRun, other: number): Promise<string> {
  const { snapshot, log } = context;
  const { spec, index, fence } = claim;
  log.warn({ batch: spec.id, portrait: index, other }, "the provider returned the same picture for two portraits");
  const { id = "" } = await snapshot.row(prepared.destination, spec.id, other, fence);
  return `the provider returned the picture of portrait ${other} (${id}): at least one of the two shows another person.`;
}
