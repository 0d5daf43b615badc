export { SOURCE_ALIASES } from "./columns.ts";
export { emptySource, emptySourceText, missingSource } from "./empty-source.ts";
export { fileKind, isPhotoKey } from "./file-kinds.ts";
export type { SourceChanges } from "./frozen-rows.ts";
export { KeySet } from "./key-set.ts";
export { CHECKED_ROWS, HOW_TO_SKIP, ManifestFaults } from "./manifest-faults.ts";
export { findPhoto, photoPlace, readsAsUrl, type PhotoPlace } from "./photo-place.ts";
export { beginSource, readSource, type ReadSourceOptions } from "./read-source.ts";
export { readBatchSpec } from "./read-batch-spec.ts";
export { MAX_ID_CHARS } from "./row-intake.ts";
export { MAX_PROFILE_IDS } from "./row-overrides.ts";
export { keepResultNames } from "./result-names.ts";
export { keyWithoutTemplate } from "./row-destination.ts";
export { isOutsideOfKey } from "./row-source.ts";
export { RowLines } from "./row-lines.ts";
export {
  readSnapshot,
  readSnapshotPart,
  type SnapshotFile,
  snapshotFiles,
  SnapshotPartLost,
  writeSnapshotPart,
} from "./snapshot.ts";
export { similarKey } from "./similar-key.ts";
export { SnapshotCache } from "./snapshot-cache.ts";
