import { DarkroomError, messageOf, type ErrorCode } from "@darkroom/core";

/** System error → error code. Others become `internal`. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: "storage_not_found",
  ENOTDIR: "storage_not_found",
  EACCES: "storage_denied",
  ELOOP: "storage_denied",
  EPERM: "storage_denied",
  EROFS: "storage_denied",
  EEXIST: "storage_invalid",
  EISDIR: "storage_invalid",
  ENAMETOOLONG: "storage_invalid",
  ENOTEMPTY: "storage_invalid",
  EAGAIN: "storage_unavailable",
  EBUSY: "storage_unavailable",
  EDQUOT: "storage_full",
  EIO: "storage_unavailable",
  EMFILE: "storage_unavailable",
  ENFILE: "storage_unavailable",
  ENOSPC: "storage_full",
  ESTALE: "storage_unavailable",
  ETIMEDOUT: "storage_unavailable",
};

const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "it does not exist",
  EACCES: "permission denied; check the permissions of the file and its folder",
  ELOOP: "its symbolic links form a loop",
  EPERM: "permission denied; check the permissions of the file and its folder",
  EROFS: "the file system is read-only",
  EEXIST: "a file is in the place of a folder that it needs",
  EISDIR: "a folder of this name exists",
  ENAMETOOLONG: "its path is too long for the file system",
  ENOTEMPTY: "a folder of this name exists",
  EDQUOT: "the disk quota is exhausted",
  ENOSPC: "the disk is full",
};

/** Returns the system's code of an error (`ENOENT`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** True when the system reports a missing file. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Converts a file system error about a path. Unknown errors become `internal` with their cause. */
export function mapLocalError(
  error: unknown,
  action: "read" | "write" | "delete" | "list",
  path: string,
): DarkroomError {
  if (error instanceof DarkroomError) return error;
  const said = systemCode(error) ?? "";
  const systems = said === "ENOTDIR" && action === "write" ? "EEXIST" : said;
  const code = CODES[systems] ?? "internal";
  const message = `cannot ${action} ${path}: ${SENTENCES[systems] ?? (systems === "" ? messageOf(error) : systems)}`;
  return new DarkroomError(code, message, {
    retryable: code === "storage_unavailable" || code === "storage_full",
    cause: error,
  });
}
