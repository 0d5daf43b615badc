import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { BATCH_FORMAT, type ProcessMeans, type S3Place } from "@darkroom/core";
import { accountMark } from "./account-mark.ts";
import type { Settings } from "./settings.ts";

/** The S3 client's default region if only an endpoint is set. */
const REGION_WITH_ENDPOINT = "us-east-1";

/**
 * Returns the capabilities of a process with these settings.
 *
 * @param batches the batches that the process was asked to work on. Defaults to all
 */
export function meansOf(settings: Settings, batches: ProcessMeans["batches"] = "all"): ProcessMeans {
  const { accounts, formerKeys } = settings.providers;
  const { roots } = settings.local;
  return {
    format: BATCH_FORMAT,
    accounts: Object.fromEntries(accounts.map(({ lane, apiKey }) => [lane, [accountMark(apiKey), ...formerKeys]])),
    s3: [s3PlaceOf(settings)],
    folders: roots === "any" ? "any" : roots.map(withoutLinks),
    batches,
  };
}

function s3PlaceOf({ s3 }: Settings): S3Place {
  const { endpoint } = s3;
  const region = s3.region ?? (endpoint === undefined ? undefined : REGION_WITH_ENDPOINT);
  return {
    ...(endpoint === undefined ? {} : { endpoint: new URL(endpoint).href.replace(/\/$/, "") }),
    ...(region === undefined ? {} : { region }),
  };
}

/** A missing folder may be created later. */
function withoutLinks(folder: string): string {
  try {
    return realpathSync.native(resolve(folder));
  } catch {
    return resolve(folder);
  }
}
