export { MANIFEST_COLUMNS, SOURCE_ALIASES, type ManifestColumn } from "./columns.ts";
export { emptySource, emptySourceText, missingSource } from "./empty-source.ts";
export type { SourceChanges } from "./frozen-rows.ts";
export { isPhotoKey } from "./file-kinds.ts";
export { KeySet } from "./key-set.ts";
export { ManifestFaults, type ManifestFault } from "./manifest-faults.ts";
export { findPhoto, photoPlace, readsAsUrl, type PhotoPlace } from "./photo-place.ts";
export { beginSource, readSource, type ReadSourceOptions, type SourcePosition } from "./read-source.ts";
export { MAX_ID_CHARS } from "./row-intake.ts";
export { MAX_PROFILE_IDS } from "./row-overrides.ts";
export { RowLines } from "./row-lines.ts";
export {
  readSnapshot,
  readSnapshotPart,
  type SnapshotFile,
  snapshotFiles,
  type SnapshotPart,
  SnapshotPartLost,
  snapshotParts,
  writeSnapshotPart,
} from "./snapshot.ts";
export { DEFAULT_CACHED_PARTS, SnapshotCache, type SnapshotCacheOptions } from "./snapshot-cache.ts";
