import { storesOf, type BatchNeeds, type BatchSpec, type ProcessMeans } from "@darkroom/core";
import { realFolderOf } from "@darkroom/storage";

/** Returns the stores and accounts that a batch needs, as configured in the accepting process. */
export function needsOf(spec: BatchSpec, { accounts, s3: [s3] }: ProcessMeans): BatchNeeds {
  const { fallback } = spec.control ?? {};
  const lanes = [spec.lane, ...(fallback === undefined ? [] : [fallback.lane])];
  // A lane's first mark identifies its current key.
  const marks = lanes.flatMap((lane) => (accounts[lane] ?? []).slice(0, 1).map((mark) => [lane, mark] as const));
  const stores = storesOf(spec);
  const folders = new Set(stores.filter((url) => url.startsWith("file:")).map(realFolderOf));
  return {
    accounts: Object.fromEntries(marks),
    ...(s3 !== undefined && stores.some((url) => url.startsWith("s3:")) ? { s3 } : {}),
    folders: [...folders],
  };
}
