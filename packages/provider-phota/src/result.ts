import { listAt, numberAt, recordAt, type EnhanceAnswer, type VendorRecord } from "@darkroom/provider-kit";
import type { AnswerReader } from "./answer-reader.ts";

function failed(code: "provider_error" | "no_output", message: string): EnhanceAnswer {
  return { kind: "failed", code, sent: true, billed: "maybe", message };
}

/** Returns how often each profile was recognised; undefined if the answer does not contain this. */
function knownSubjects(answer: VendorRecord): Readonly<Record<string, number>> | undefined {
  const counts = recordAt(recordAt(answer, "known_subjects"), "counts");
  if (counts === undefined) return undefined;
  return Object.fromEntries(
    Object.keys(counts).flatMap((id) => {
      const count = numberAt(counts, id);
      return count === undefined ? [] : [[id, count] as const];
    }),
  );
}

/** Returns the result of an answer with status 200: its links, if any, otherwise its pictures. */
export function resultOf(reader: AnswerReader): EnhanceAnswer {
  const { answer, fault, pictures } = reader;
  if (fault === "too_large") {
    const message = "Phota's answer is larger than four pictures can be, and was not read to its end";
    return { kind: "refused", code: "corrupt_output", billed: "yes", message };
  }
  if (answer === undefined) return failed("provider_error", "Phota's answer is not a JSON object, or was truncated");
  const known = knownSubjects(answer);
  const subjects = known === undefined ? {} : { knownSubjects: known };
  const [url, ...variations] = listAt(answer, "download_urls").filter((link) => isLink(link));
  if (url !== undefined)
    return { kind: "output", url, ...(variations.length === 0 ? {} : { variations }), ...subjects };
  const usable = pictures.filter((picture) => picture.length > 0);
  if (usable.length > 0) return { kind: "pictures", pictures: usable, ...subjects };
  return failed("no_output", "Phota answered without a picture");
}

function isLink(value: unknown): value is string {
  return typeof value === "string" && /^https?:$/.test(URL.parse(value)?.protocol ?? "");
}
