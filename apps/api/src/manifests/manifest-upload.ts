import { Readable } from "node:stream";
import type { Multipart, MultipartFile } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { DarkroomError, probablyMeant, submissionSchema, type Submission } from "@darkroom/core";
import { manifestFormat, type UploadedManifest } from "@darkroom/intake";

const MAX_FIELDS = 30;
const MAX_FIELD_BYTES = 2 * 1_024 * 1_024;

/** Form fields other than the file, and their paths in a submission. */
const PLAIN_FIELDS = [
  "name",
  "source",
  "destination",
  "baseUrl",
  "template",
  "lane",
  "between",
  "timeZone",
  "deadline",
] as const;
/** Fields with numbers, booleans or objects, sent as JSON text. */
const JSON_FIELDS = [
  "overwrite",
  "skipBadRows",
  "confirm",
  "pilot",
  "maxCostUsd",
  "breaker",
  "fallback",
  "manifestSources",
] as const;
/** A list of names, as JSON or separated by commas. */
const LIST_FIELD = "carry";
const RECIPE_FIELDS = ["preset", "prompt", "mode", "intensity", "useCase", "provider", "faces"] as const;

const FORMATS: Readonly<Record<string, UploadedManifest["format"]>> = {
  "text/csv": "csv",
  "application/csv": "csv",
  "text/tab-separated-values": "csv",
  "text/plain": "csv",
  "application/jsonl": "jsonl",
  "application/x-jsonlines": "jsonl",
  "application/x-ndjson": "jsonl",
  "application/ndjson": "jsonl",
};

const SPREADSHEET_NAME = /\.(?:xls[xmb]?|ods|numbers)$/i;
const SPREADSHEET_TYPE = /excel|spreadsheet/;

export interface SentSubmission {
  readonly submission: Submission;
  /** Absent for JSON, and for a form that names a `source` instead. */
  readonly upload: UploadedManifest | undefined;
}

/**
 * Reads the submission in a JSON or form request.
 *
 * @throws DarkroomError or ZodError with the invalid field
 */
export async function readSubmission(request: FastifyRequest): Promise<SentSubmission> {
  if (request.isMultipart()) return await readFormSubmission(request);
  return { submission: submissionSchema.parse(request.body), upload: undefined };
}

/**
 * Reads a form: its fields completely, and the file `manifest` as a stream. Fields must precede the file, because the
 * file is not stored before they are known.
 *
 * @throws DarkroomError `invalid_input` with the invalid field; the stream fails when a field follows it
 */
async function readFormSubmission(request: FastifyRequest): Promise<SentSubmission> {
  const parts = request.parts({
    limits: { fileSize: Infinity, files: 1, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, parts: MAX_FIELDS + 1 },
  });
  const fields = new Map<string, unknown>();
  for (;;) {
    const next = await nextPart(parts);
    if (next.done === true) return { submission: submissionOf(fields, false), upload: undefined };
    const part = next.value;
    if (part.type === "field") {
      addField(fields, part);
      continue;
    }
    const format = formatOf(part);
    const submission = submissionOf(fields, true);
    return { submission, upload: { format, body: Readable.from(untilEnd(part, parts), { objectMode: false }) } };
  }
}

/** The form parser throws plain errors for malformed forms: no boundary, no end, a truncated part. */
async function nextPart(parts: AsyncIterator<Multipart>): Promise<IteratorResult<Multipart>> {
  try {
    return await parts.next();
  } catch (cause) {
    const isReaders = cause instanceof Error && !("code" in cause) && /multipart/i.test(cause.message);
    if (!isReaders) throw cause;
    const message =
      "The form is truncated or invalid; send it as multipart/form-data with a boundary and its closing line.";
    throw new DarkroomError("invalid_input", message, { cause });
  }
}

function addField(fields: Map<string, unknown>, part: Extract<Multipart, { type: "field" }>): void {
  const { fieldname, value } = part;
  if (part.valueTruncated) throw bad(fieldname, `the field is longer than ${MAX_FIELD_BYTES} bytes`);
  if (fields.has(fieldname)) throw bad(fieldname, "the field is given twice");
  fields.set(fieldname, value);
}

function formatOf({ fieldname, filename, mimetype }: MultipartFile): UploadedManifest["format"] {
  if (fieldname !== "manifest")
    throw bad(fieldname, 'the only file in a form is the manifest; name its field "manifest"');
  const name = filename ?? "";
  const type = mimetype.toLowerCase();
  const format = manifestFormat(name) ?? FORMATS[type];
  if (format !== undefined) return format;
  if (SPREADSHEET_NAME.test(name) || SPREADSHEET_TYPE.test(type)) {
    throw bad(
      "manifest",
      `${name === "" ? "the file" : name} is a spreadsheet; save the sheet as "CSV UTF-8" and send that`,
    );
  }
  throw bad(
    "manifest",
    "state its format by its file name (team.csv, team.jsonl) or its type (text/csv, application/x-ndjson)",
  );
}

/** Yields the file's bytes, and fails the upload when a part follows the file. */
async function* untilEnd({ file }: MultipartFile, parts: AsyncIterator<Multipart>): AsyncGenerator<Uint8Array> {
  for await (const chunk of file as AsyncIterable<Uint8Array>) yield chunk;
  const after = await parts.next();
  if (after.done === true) return;
  const { fieldname } = after.value;
  throw bad(
    fieldname,
    `the field comes after the file; put every field before the manifest (curl -F ${fieldname}=… -F manifest=@…)`,
  );
}

function submissionOf(fields: ReadonlyMap<string, unknown>, hasFile: boolean): Submission {
  const hint = hasFile ? " If it was sent: fields must come before the file." : "";
  const whole = fields.get("submission");
  if (whole !== undefined) {
    const other = [...fields.keys()].find((name) => name !== "submission");
    if (other !== undefined) throw bad(other, "give either the field submission or plain fields, not both");
    return parse(typeof whole === "string" ? parseJson(whole) : whole, "", hint);
  }
  const recipe: Record<string, unknown> = {};
  const submission: Record<string, unknown> = { recipe };
  for (const [name, value] of fields) {
    if (name === "manifest")
      throw bad(name, "send the manifest as a file: curl -F manifest=@team.csv, not manifest=<team.csv");
    if (isOneOf(RECIPE_FIELDS, name)) recipe[name] = value;
    else if (isOneOf(PLAIN_FIELDS, name)) submission[name] = value;
    else if (isOneOf(JSON_FIELDS, name)) submission[name] = typeof value === "string" ? plainJson(value) : value;
    else if (name === LIST_FIELD) submission[name] = typeof value === "string" ? listOf(value) : value;
    else throw unknownField(name);
  }
  return parse(submission, "recipe.", hint);
}

function unknownField(name: string): DarkroomError {
  const known = [...PLAIN_FIELDS, ...JSON_FIELDS, LIST_FIELD, ...RECIPE_FIELDS];
  const meant = probablyMeant(name, known);
  const hint = meant === undefined ? "" : `, did you mean ${meant}?`;
  return bad(name, `there is no such field${hint}; available: submission, ${known.join(", ")}`);
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

/** Parses a JSON field. Invalid JSON stays text, which the schema rejects with the field's name. */
function plainJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function listOf(text: string): unknown {
  return text.trimStart().startsWith("[") ? plainJson(text) : text.split(",");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DarkroomError("invalid_input", "submission: the field is not JSON.", { field: "submission", cause });
  }
}

/** @param plain prefix of the schema's path that plain fields omit */
function parse(value: unknown, plain: string, hint: string): Submission {
  const parsed = submissionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const text = path.join(".");
    const field = plain !== "" && text.startsWith(plain) ? text.slice(plain.length) : text;
    return { field: field === "" ? undefined : field, message };
  });
  const isMissing = parsed.error.issues.some(({ path }) => valueAt(value, path) === undefined);
  const told = faults.map(({ field, message }) => `${field === undefined ? "" : `${field}: `}${message}`).join("; ");
  const [{ field } = {}] = faults;
  const message = `${told}.${isMissing ? hint : ""}`;
  throw new DarkroomError("invalid_input", message, { ...(field === undefined ? {} : { field }), faults });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step], value);
}

function bad(field: string, message: string): DarkroomError {
  return new DarkroomError("invalid_input", `${field}: ${message}.`, { field });
}

/** Time for reading the rest of a refused upload before its connection is closed. */
const DRAIN_MS = 10_000;

/** Reads the rest of a refused upload for a limited time, so that the client can read the error. */
export function drainUpload(request: FastifyRequest): void {
  const { raw } = request;
  if (raw.readableEnded || raw.destroyed) return;
  raw.unpipe();
  raw.resume();
  const timer = setTimeout(() => raw.destroy(), DRAIN_MS);
  timer.unref();
  raw.once("close", () => clearTimeout(timer));
}
