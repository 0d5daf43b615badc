import { DarkroomError, leftOutText, leftOutTotal, type BatchSource, type LeftOut } from "@darkroom/core";

/** Names of what a filter leaves out that a message shows. */
const SHOWN_NAMES = 2;

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
    return `${filter} leaves no photo: it leaves out ${filtered} of the ${objects(total)} looked at, ${examples}: change or drop it`;
  }
  return `it holds no picture that can be enhanced; left out: ${leftOutText(leftOut)}`;
}

function objects(count: number): string {
  return count === 1 ? "1 object that was" : `${count} objects that were`;
}

/** A prefix without a photo, as an error. */
export function emptySource(source: Prefix, leftOut: LeftOut): DarkroomError {
  const isFiltered = leftOut.some(({ kind }) => kind === "filtered");
  const what = isFiltered ? `nothing of the source ${source.url} is taken` : `the source ${source.url} holds no photo`;
  const message = `${what}: ${emptySourceText(source, leftOut)}`;
  return new DarkroomError("invalid_input", message, { field: "source" });
}

/** A folder that is not there, as an error. */
export function missingSource({ url }: Pick<Prefix, "url">): DarkroomError {
  const message = `the source ${url} is not there: check the folder's name, and that its drive is mounted`;
  return new DarkroomError("invalid_input", message, { field: "source" });
}
