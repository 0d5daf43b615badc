import { DarkroomError, type BatchSource, type ManifestSources, type Submission } from "@darkroom/core";
import { splitObjectUrl } from "@darkroom/storage";
import { allowedSources } from "./allowed-sources.ts";
import { manifestFormat } from "./manifest-format.ts";
import { wholeStoreUrl } from "./whole-store-url.ts";

type SourceFields = Pick<Submission, "baseUrl" | "carry" | "skipBadRows" | "include" | "exclude" | "manifestSources">;

/**
 * Returns the source that a submission's URL and fields describe: a manifest by its file name, otherwise a prefix.
 *
 * @throws DarkroomError `invalid_input` with the invalid field
 */
export function describeSource(
  url: string,
  { baseUrl, carry, skipBadRows, include, exclude, manifestSources }: SourceFields,
  deployment?: ManifestSources,
): BatchSource {
  const format = manifestFormat(url);
  if (format === undefined) {
    if (carry !== undefined) {
      throw new DarkroomError("invalid_input", "carry names columns of a manifest, and a prefix has none.", {
        field: "carry",
      });
    }
    if (manifestSources !== undefined) {
      const message = "manifestSources requires a manifest; the photos of a prefix are all under it.";
      throw new DarkroomError("invalid_input", message, { field: "manifestSources" });
    }
    return {
      kind: "prefix",
      url: wholeStoreUrl(url, "source"),
      ...(include === undefined ? {} : { include }),
      ...(exclude === undefined ? {} : { exclude }),
    };
  }
  if (include !== undefined || exclude !== undefined) {
    throw new DarkroomError(
      "invalid_input",
      "include and exclude require a prefix; a manifest names its rows itself.",
      { field: include === undefined ? "exclude" : "include" },
    );
  }
  const { storeUrl: folder } = splitObjectUrl(url);
  return {
    kind: "manifest",
    url,
    format,
    baseUrl: baseUrl === undefined ? folder : wholeStoreUrl(baseUrl, "baseUrl"),
    ...allowedSources(deployment, manifestSources),
    ...(carry === undefined ? {} : { carry }),
    ...(skipBadRows === true ? { skipBadRows } : {}),
  };
}
