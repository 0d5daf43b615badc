import { STATUS_CODES } from "node:http";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { DarkroomError, ERROR_CODES, faultsOf, type ErrorCode } from "@darkroom/core";
import { refusalOf } from "@darkroom/redis-kit";
import { conflictsSchema, ReviewConflict } from "../reviews/review-conflict.ts";
import {
  faultErrors,
  fieldErrorSchema,
  issueErrors,
  knownNames,
  unknownField,
  type FieldError,
  type Issue,
  type RequestPart,
} from "./field-errors.ts";
import { AnswerNotKept } from "./idempotency/answer-not-kept.ts";
import { named } from "./schema-names.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** An error as defined by RFC 9457. */
const problemSchema = named(
  "Problem",
  z.object({
    type: z.string().describe("`/errors/` and the code: a page of this server that explains it."),
    title: z.string().describe("Equal for every problem with this code."),
    status: z.int(),
    detail: z.string().describe("The problem in this case, and how to fix it."),
    code: z.enum(ERROR_CODES),
    field: z.string().optional().describe("The invalid field, with dots: `recipe.mode`."),
    errors: z.array(fieldErrorSchema).optional().describe("All errors in the request, at most 100."),
    conflicts: conflictsSchema.optional(),
    id: z
      .string()
      .optional()
      .describe("For a repeated request whose response contained a secret: the id of the created resource."),
  }),
);

export type Problem = z.infer<typeof problemSchema>;

const RULES: Readonly<Record<ErrorCode, readonly [status: number, title: string]>> = {
  invalid_settings: [500, "The server is not configured for this"],
  invalid_input: [400, "The request is invalid"],
  not_found: [404, "Not found"],
  conflict: [409, "Not possible in the present state"],
  stale: [409, "Based on an earlier state"],
  idempotency_key_reused: [422, "This Idempotency-Key belongs to another request"],
  unauthorized: [401, "A valid API key is required"],
  forbidden: [403, "The API key does not allow this"],
  limit_reached: [429, "A limit of the API key is reached"],
  storage_not_found: [404, "Not found in the object store"],
  storage_denied: [403, "This location is not allowed"],
  storage_refused: [403, "The object store refuses this object"],
  storage_unavailable: [503, "The object store does not answer"],
  storage_full: [507, "The object store is full"],
  storage_invalid: [400, "The object store cannot store this"],
  overloaded: [503, "The server is overloaded"],
  redis_unsuitable: [503, "Redis is not safe to use"],
  redis_unavailable: [503, "Redis does not answer"],
  link_expired: [410, "The link has expired"],
  address_not_allowed: [403, "This address is not allowed"],
  remote_refused: [400, "The web server of a source refuses it"],
  remote_unavailable: [503, "The web server of a source does not answer"],
  tool_missing: [500, "A program is missing on the server"],
  internal: [500, "An error in Darkroom itself"],
};

/** Returns what the problems of a code have in common, in words. */
export function titleOf(code: ErrorCode): string {
  return RULES[code][1];
}

/** `Retry-After` of a 503 whose error gives none. */
const RETRY_AFTER_MS = 2_000;

/**
 * Converts any error to a problem document. Errors of other classes become `internal`, and their messages are hidden.
 *
 * @param request locates the invalid fields
 */
export function toProblem(error: unknown, request?: FastifyRequest): Problem {
  if (error instanceof DarkroomError) {
    const [status] = RULES[error.code];
    const detail = error.code === "internal" ? INTERNAL : error.message;
    const errors = error.code === "invalid_input" && request !== undefined ? ownErrors(error, request) : [];
    const told = problem(status, error.code, { detail, field: error.field, errors });
    if (error instanceof AnswerNotKept) return { ...told, id: error.id };
    return error instanceof ReviewConflict ? { ...told, conflicts: error.conflicts } : told;
  }
  const refusal = refusalOf(error);
  if (refusal !== undefined) return toProblem(refusal, request);
  if (error instanceof z.ZodError) return issueProblem(error.issues.map(issueOf), partOf(error));
  return isFastifyError(error) ? httpProblem(error) : problem(500, "internal", { detail: INTERNAL });
}

const INTERNAL = "An internal error occurred. The server's log has details under this request's id.";

const CONTENT_TYPES =
  "This content type is not supported. Send JSON as application/json (curl -H 'content-type: application/json' -d …), or a form with a manifest as multipart/form-data (curl -F …).";

interface Told {
  readonly detail: string;
  readonly field?: string | undefined;
  readonly errors?: readonly FieldError[];
}

function problem(status: number, code: ErrorCode, { detail, field, errors = [] }: Told): Problem {
  const title = RULES[code][0] === status ? RULES[code][1] : (STATUS_CODES[status] ?? RULES[code][1]);
  return {
    type: `/errors/${code}`,
    title,
    status,
    detail,
    code,
    ...(field === undefined ? {} : { field }),
    ...(errors.length === 0 ? {} : { errors: [...errors] }),
  };
}

/** An error without a field applies to the whole body. */
function ownErrors(error: DarkroomError, request: FastifyRequest): readonly FieldError[] {
  return error.field === undefined && error.faults.length === 0 ? [] : faultErrors(faultsOf(error), request);
}

const MAX_NAMED_KEYS = 5;
const MAX_OTHERS = 20;

/** Validates a part of a request. Unlike the library's, keeps the path of each issue. */
export function validatorCompiler({ schema }: { readonly schema: z.ZodType }) {
  return (data: unknown) => {
    const result = schema.safeParse(data);
    return result.success ? { value: result.data } : { error: result.error };
  };
}

/** Returns the part of the request in which Fastify found an error; a handler parses only bodies itself. */
function partOf(error: z.ZodError & { readonly validationContext?: RequestPart }): RequestPart {
  return error.validationContext ?? "body";
}

function issueOf(issue: z.core.$ZodIssue): Issue {
  const { message, path } = issue;
  return issue.code === "unrecognized_keys" ? { message, path, keys: issue.keys } : { message, path };
}

const PART_NAMES = { body: "body", querystring: "query", params: "path", headers: "headers" } as const;

function issueProblem(issues: readonly Issue[], part: RequestPart): Problem {
  const [issue] = issues;
  if (issue === undefined) return problem(400, "invalid_input", { detail: "The request is not valid." });
  const field = [...issue.path.map(String), ...(issue.keys ?? []).slice(0, 1)].join(".");
  const at = field === "" ? `the ${PART_NAMES[part]}` : field;
  const detail = `${at}: ${issue.message}${othersBeside(issues)}${unknownBeside(issues)}`;
  const errors = issueErrors(issues, part);
  return problem(400, "invalid_input", { detail, field: field === "" ? undefined : field, errors });
}

/** Lists the other validation errors, so that one sentence names all of them. */
function othersBeside([, ...others]: readonly Issue[]): string {
  const told = others
    .filter(({ keys }) => keys === undefined)
    .map(({ path, message }) => `; ${path.length === 0 ? "" : `${path.map(String).join(".")}: `}${message}`);
  const more = told.length - MAX_OTHERS;
  return `${told.slice(0, MAX_OTHERS).join("")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** Names unknown keys together with a missing one, because a typo is often the cause. */
function unknownBeside(issues: readonly Issue[]): string {
  const [first, ...others] = issues;
  const names = knownNames(issues);
  const all = first?.keys === undefined ? others : [first];
  const told = all.flatMap(({ keys = [] }) => keys).map((key) => unknownField(key, names));
  return told.length === 0 ? "" : `; ${told.slice(0, MAX_NAMED_KEYS).join("; ")}`;
}

function isFastifyError(error: unknown): error is FastifyError & { readonly statusCode: number } {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number";
}

function httpProblem(error: FastifyError & { readonly statusCode: number }): Problem {
  const { statusCode } = error;
  if (statusCode === 503)
    return problem(503, "redis_unavailable", {
      detail: "Redis or the object store took too long. Try again in a moment.",
    });
  if (statusCode >= 500) return problem(500, "internal", { detail: INTERNAL });
  if (statusCode === 415) return problem(statusCode, "invalid_input", { detail: CONTENT_TYPES });
  return problem(statusCode, statusCode === 404 ? "not_found" : "invalid_input", { detail: error.message });
}

/** Responds to a request with an error's problem document. */
export async function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const answer = toProblem(error, request);
  const { raw } = request;
  if (raw.destroyed && !raw.complete) request.log.info({ status: answer.status }, "the client disconnected");
  else if (answer.status >= 500) request.log.error({ err: error, code: answer.code }, "request failed");
  else request.log.info({ code: answer.code, status: answer.status, field: answer.field }, "request refused");
  const wishedMs = error instanceof DarkroomError ? error.retryAfterMs : undefined;
  const retryAfterMs = wishedMs ?? (answer.status === 503 ? RETRY_AFTER_MS : undefined);
  if (retryAfterMs !== undefined) void reply.header("retry-after", Math.ceil(retryAfterMs / 1_000));
  if (answer.status === 401) void reply.header("www-authenticate", 'Bearer realm="darkroom"');
  await reply.code(answer.status).type(PROBLEM_TYPE).send(answer);
}

/** Further statuses that every route with a key may return, besides 401. */
const WITH_A_KEY = [403, 429];

/** Returns the problem responses that a route may send, for its schema. */
export function problems<Status extends number>(...statuses: readonly Status[]) {
  const one = (status: number) => ({
    description: STATUS_CODES[status] ?? "Refused",
    content: { [PROBLEM_TYPE]: { schema: problemSchema } },
  });
  const all = [...statuses, ...(statuses.some((status) => status === 401) ? WITH_A_KEY : [])];
  return Object.fromEntries(all.map((status) => [status, one(status)])) as Record<Status, ReturnType<typeof one>>;
}
