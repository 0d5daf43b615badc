import type { ProviderName } from "@darkroom/core";
import type { LookInside } from "@darkroom/intake";
import { EACH_SENSE_ACCEPTS } from "@darkroom/provider-each-sense";
import { PHOTA_ACCEPTS } from "@darkroom/provider-phota";
import type { AcceptedInput } from "@darkroom/provider-kit";

const ACCEPTS: Readonly<Record<ProviderName, AcceptedInput>> = {
  "each-sense": EACH_SENSE_ACCEPTS,
  phota: PHOTA_ACCEPTS,
};

/** Plans a photo as a worker would, from its first and last bytes. */
export const lookInside: LookInside = async (provider, { first, last, sizeBytes }) => {
  // Imported at the first quote, because only quotes need the image library and its memory.
  const { LAST_BYTES, looksCut, planPicture, probePicture } = await import("@darkroom/imaging");
  const probe = await probePicture(first, sizeBytes);
  if (probe.kind === "need_more") return {};
  const plan = planPicture(probe, ACCEPTS[provider]);
  if (plan.kind === "refuse") return { refusal: plan.message };
  if (probe.kind !== "picture") return {};
  return { seemsCut: looksCut(probe.contentType, first, await last(LAST_BYTES), sizeBytes) };
};
