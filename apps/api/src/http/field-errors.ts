import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { probablyMeant, submissionSchema, type InputFault } from "@darkroom/core";
import { named } from "./schema-names.ts";

/** Most errors in one response; hostile bodies have thousands. */
const MAX_ERRORS = 100;
const MAX_KEY_CHARS = 60;

const PLACES = ["path", "query", "header"] as const;

/** One thing that is wrong with a request. */
export const fieldErrorSchema = named(
  "FieldError",
  z.object({
    detail: z.string().describe("The problem."),
    pointer: z
      .string()
      .optional()
      .describe(
        "JSON Pointer to the value in the body, as in RFC 9457: `#/recipe/mode`. A form's field is at `#/mode`.",
      ),
    parameter: z.string().optional().describe("The parameter's name, if it is not in the body."),
    in: z.enum(PLACES).optional().describe("The location of the parameter."),
    line: z.int().optional().describe("Line of the manifest, from 1."),
    column: z.string().optional().describe("Column of the manifest."),
  }),
);

export type FieldError = z.infer<typeof fieldErrorSchema>;

/** The part of a request that a schema checks, as Fastify names it. */
export type RequestPart = "body" | "querystring" | "params" | "headers";

/** A validation error. */
export interface Issue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
  /** Unknown fields of the object at `path`. */
  readonly keys?: readonly string[] | undefined;
}

/** Describes each validation error of a part of a request; an unknown field counts as one. */
export function issueErrors(issues: readonly Issue[], part: RequestPart): readonly FieldError[] {
  const names = knownNames(issues);
  return issues
    .flatMap(({ message, path, keys }) =>
      keys === undefined
        ? [{ path, detail: message }]
        : keys.map((key) => ({ path: [...path, key], detail: unknownField(key, names) })),
    )
    .slice(0, MAX_ERRORS)
    .map(({ path, detail }) => ({ detail, ...placeOf(part, path) }));
}

/** Describes errors found by the rules after schema validation. */
export function faultErrors(faults: readonly InputFault[], request: FastifyRequest): readonly FieldError[] {
  return faults.slice(0, MAX_ERRORS).map(({ field, line, message: detail }) => {
    if (line !== undefined && !hasRows(request.body)) {
      return { detail, line, ...(field === undefined ? {} : { column: field }) };
    }
    const column = field === undefined ? [] : field.split(".");
    const path = line === undefined ? column : ["rows", line - 1, ...column];
    return { detail, ...placeOf(line === undefined ? partOf(path, request) : "body", path) };
  });
}

/** True if the lines of a manifest are the rows of the request's body. */
function hasRows(body: unknown): boolean {
  return typeof body === "object" && body !== null && "rows" in body;
}

/** Returns the part of a request that a field belongs to. Names of headers begin with a capital letter. */
function partOf([name = ""]: readonly (string | number)[], { routeOptions }: FastifyRequest): RequestPart {
  const { params, querystring } = (routeOptions.schema ?? {}) as Readonly<Record<string, unknown>>;
  if (/^[A-Z]/.test(String(name))) return "headers";
  if (hasField(querystring, name)) return "querystring";
  return hasField(params, name) ? "params" : "body";
}

function hasField(schema: unknown, name: PropertyKey): boolean {
  return schema instanceof z.ZodObject && Object.hasOwn(schema.shape, name);
}

function placeOf(part: RequestPart, path: readonly PropertyKey[]): Pick<FieldError, "pointer" | "parameter" | "in"> {
  if (part === "body") return { pointer: pointerTo(path) };
  const parameter = path.map(String).join(".");
  return parameter === "" ? {} : { parameter, in: IN[part] };
}

const IN = { querystring: "query", params: "path", headers: "header" } as const;

/** Returns a JSON Pointer as a URI fragment (RFC 6901). */
function pointerTo(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => String(step).replaceAll("~", "~0").replaceAll("/", "~1"));
  return ["#", ...steps.map((step) => encodeURIComponent(step.toWellFormed()))].join("/");
}

const SUBMISSION_FIELDS = Object.keys(submissionSchema.shape);

/** Returns the names that an unknown field may be a typo of, missing fields first. */
export function knownNames(issues: readonly Issue[]): readonly string[] {
  const missing = issues.filter(({ keys }) => keys === undefined);
  return [...missing.flatMap(({ path }) => path.slice(-1).map(String)), ...SUBMISSION_FIELDS];
}

/** Describes an unknown field and its probable correction. Truncates the name, because clients choose its length. */
export function unknownField(key: string, names: readonly string[]): string {
  const meant = probablyMeant(key, names);
  const shown = JSON.stringify(key.length <= MAX_KEY_CHARS ? key : `${key.slice(0, MAX_KEY_CHARS)}…`);
  return `there is no field ${shown}${meant === undefined ? "" : ` (did you mean ${meant}?)`}`;
}
