import { DarkroomError, leftOutText, leftOutTotal, type BatchSource, type LeftOut } from "@darkroom/core";

/** Number of excluded names that a message shows. */
const SHOWN_NAMES = 2;

type Prefix = Extract<BatchSource, { kind: "prefix" }>;

/** Explains why a prefix has no photo, and how to fix that. */
export function emptySourceText({ url, include, exclude }: Omit<Prefix, "kind">, leftOut: LeftOut): string {
  const filtered = leftOut.find(({ kind }) => kind === "filtered")?.count ?? 0;
  const total = leftOutTotal(leftOut);
  if (total === 0) {
    return url.startsWith("s3:")
      ? "there is nothing under this prefix: check its spelling"
      : "the folder is empty or does not exist: check its name";
  }
  if (filtered > 0) {
    const globs = [
      ...(include ?? []).map((glob) => `include ${JSON.stringify(glob)}`),
      ...(exclude ?? []).map((glob) => `exclude ${JSON.stringify(glob)}`),
    ];
    const names = leftOut.find(({ kind }) => kind === "filtered")?.examples.slice(0, SHOWN_NAMES) ?? [];
    const filter = `the filter ${globs.join(" and ")}`;
    const examples = `for instance ${names.join(" and ")}`;
    if (filtered === total && exclude === undefined)
      return `${filter} matches none of the ${objects(total)} looked at, ${examples}: change or drop it`;
    return `${filter} leaves no photo: it excludes ${filtered} of the ${objects(total)} looked at, ${examples}: change or drop it`;
  }
  return `it contains no picture that can be enhanced; left out: ${leftOutText(leftOut)}`;
}

function objects(count: number): string {
  return count === 1 ? "1 object that was" : `${count} objects that were`;
}

/** The error for a prefix without a photo. */
export function emptySource(source: Prefix, leftOut: LeftOut): DarkroomError {
  const isFiltered = leftOut.some(({ kind }) => kind === "filtered");
  const what = isFiltered
    ? `nothing in the source ${source.url} is used`
    : `the source ${source.url} contains no photo`;
  const message = `${what}: ${emptySourceText(source, leftOut)}`;
  return new DarkroomError("invalid_input", message, { field: "source" });
}

/** The error for a missing folder. */
export function missingSource({ url }: Pick<Prefix, "url">): DarkroomError {
  const message = `the source ${url} does not exist: check the folder's name, and that its drive is mounted`;
  return new DarkroomError("invalid_input", message, { field: "source" });
}
