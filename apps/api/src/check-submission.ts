import { DarkroomError, type Submission } from "@darkroom/core";
import { splitObjectUrl, toStoreUrl } from "@darkroom/storage";
import { manifestFormat } from "@darkroom/intake";
import type { Services } from "./services.ts";

/** Stands for any day in a destination that is only looked at. */
const SOME_DAY = "2000-01-01";

/**
 * Refuses a scheduled submission that could never be accepted, while somebody is there to read why: an unknown
 * provider or lane, a URL that is none, a folder that may not be used.
 *
 * @throws DarkroomError with the field under `submission`
 */
export function checkScheduledSubmission(
  { lanes, openStore }: Pick<Services, "lanes" | "openStore">,
  submission: Submission & { readonly source: string },
): void {
  const provider = submission.recipe.provider ?? "each-sense";
  const lane = lanes[provider];
  if (lane === undefined) {
    const there = Object.keys(lanes).join(", ") || "none";
    throw bad("recipe.provider", `the provider "${provider}" is not set up here (there is: ${there})`);
  }
  if (submission.lane !== undefined && submission.lane !== lane) {
    throw bad("lane", `there is no lane "${submission.lane}" for ${provider}; there is "${lane}"`);
  }
  const { source, destination, baseUrl } = submission;
  const manifest = manifestFormat(source) !== undefined;
  openable("source", source, () => openStore(manifest ? splitObjectUrl(source).storeUrl : toStoreUrl(source, "/")));
  openable("destination", destination, () => openStore(toStoreUrl(destination.replaceAll("{date}", SOME_DAY), "/")));
  if (baseUrl !== undefined) openable("baseUrl", baseUrl, () => openStore(toStoreUrl(baseUrl, "/")));
}

function openable(field: string, url: string, open: () => unknown): void {
  if (!/^(s3|file):\/\//i.test(url)) throw bad(field, `must be an s3:// or file:// URL, not "${url}"`);
  try {
    open();
  } catch (error) {
    if (!(error instanceof DarkroomError)) throw error;
    throw new DarkroomError(error.code, error.message, { field: `submission.${field}`, cause: error });
  }
}

function bad(field: string, message: string): DarkroomError {
  return new DarkroomError("invalid_input", `submission.${field}: ${message}.`, { field: `submission.${field}` });
}
