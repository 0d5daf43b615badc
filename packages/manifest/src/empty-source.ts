import { DarkroomError, leftOutText, leftOutTotal, type BatchSource, type LeftOut } from "@darkroom/core";

type Prefix = Extract<BatchSource, { kind: "prefix" }>;

/** Why a prefix has no photo, and what to do about it. */
export function emptySourceText({ url, include, exclude }: Omit<Prefix, "kind">, leftOut: LeftOut): string {
  const filtered = leftOut.find(({ kind }) => kind === "filtered")?.count ?? 0;
  const total = leftOutTotal(leftOut);
  if (total === 0) {
    return url.startsWith("s3:")
      ? "nothing lies under this prefix: check its spelling"
      : "the folder is empty, or is not there: check its name";
  }
  if (filtered > 0 && filtered === total) {
    const globs = [
      ...(include ?? []).map((glob) => `include ${JSON.stringify(glob)}`),
      ...(exclude ?? []).map((glob) => `exclude ${JSON.stringify(glob)}`),
    ];
    const names = leftOut.flatMap(({ examples }) => examples).slice(0, 3);
    return `${globs.join(" and ")} leave nothing of what is there (${names.join(", ")}${total > names.length ? ", …" : ""}): change or drop them`;
  }
  return `it holds no picture that can be enhanced; left out: ${leftOutText(leftOut)}`;
}

/** A prefix without a photo, as an error. */
export function emptySource(source: Prefix, leftOut: LeftOut): DarkroomError {
  const message = `the source ${source.url} holds no photo: ${emptySourceText(source, leftOut)}`;
  return new DarkroomError("invalid_input", message, { field: "source" });
}

/** A folder that is not there, as an error. */
export function missingSource({ url }: Pick<Prefix, "url">): DarkroomError {
  const message = `the source ${url} is not there: check the folder's name, and that its drive is mounted`;
  return new DarkroomError("invalid_input", message, { field: "source" });
}
