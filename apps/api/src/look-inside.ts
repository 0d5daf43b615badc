import type { ProviderName } from "@darkroom/core";
import type { LookInside } from "@darkroom/intake";
import { EACH_SENSE_ACCEPTS } from "@darkroom/provider-each-sense";
import { PHOTA_ACCEPTS } from "@darkroom/provider-phota";
import type { AcceptedInput } from "@darkroom/provider-kit";

const ACCEPTS: Readonly<Record<ProviderName, AcceptedInput>> = {
  "each-sense": EACH_SENSE_ACCEPTS,
  phota: PHOTA_ACCEPTS,
};

/** Decides on a photo as a worker would, by its first bytes alone. */
export const lookInside: LookInside = async (provider, firstBytes, sizeBytes) => {
  // Loaded for the first quote: nothing else in the API needs the library for pictures, and its memory.
  const { planPicture, probePicture } = await import("@darkroom/imaging");
  const probe = await probePicture(firstBytes, sizeBytes);
  if (probe.kind === "need_more") return undefined;
  const plan = planPicture(probe, ACCEPTS[provider]);
  return plan.kind === "refuse" ? plan.message : undefined;
};
