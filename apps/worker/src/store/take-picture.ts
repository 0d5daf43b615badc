import { parseGivenPicture, RESULT_METADATA, type GivenPicture } from "@darkroom/core";
import type { GivenPictures } from "@darkroom/ledger";
import { confirmClaim } from "../claims/confirm-claim.ts";
import type { Prepared } from "../prepare/prepare.ts";
import type { PreparedRun } from "../run/portrait-run.ts";

/** A picture of the answer, and the index of another photo's portrait that was given it, too. */
export interface Taken {
  readonly given: GivenPicture;
  readonly sharedWith: number | undefined;
}

/** Compares a picture with what other portraits were given; the claim is still the run's then. */
export async function takePicture(run: PreparedRun, given: GivenPictures): Promise<Taken> {
  const [digest = ""] = given.digests;
  const sharedWith = await confirmClaim(run, given);
  return { given: { digest, photo: given.photo }, sharedWith };
}

/** What a main picture was that an earlier run of the portrait has compared and stored. */
export async function givenOfStored({ destination, row }: Prepared): Promise<Taken | undefined> {
  const head = await destination.head(row.destination);
  const given = parseGivenPicture(head?.metadata[RESULT_METADATA.given]);
  return given === undefined ? undefined : { given, sharedWith: undefined };
}

export function withFurther(given: GivenPicture, further: readonly string[]): GivenPicture {
  return further.length === 0 ? given : { ...given, further };
}

/** What to say of a picture that another photo's portrait was given, too. */
export async function sharedMessage({ context, claim, prepared }: PreparedRun, other: number): Promise<string> {
  const { snapshot, log } = context;
  const { spec, index, fence } = claim;
  log.warn({ batch: spec.id, portrait: index, other }, "a provider gave one picture for two portraits");
  const { id = "" } = await snapshot.row(prepared.destination, spec.id, other, fence);
  return `the provider gave the picture of portrait ${other} (${id}): one of the two at least shows somebody else.`;
}
