import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import { z } from "zod";
import { SCOPES } from "@darkroom/access";
import { submissionSchema } from "@darkroom/core";
import { takesKey } from "./idempotency/repeated-requests.ts";
import { problems } from "./problem.ts";
import manifest from "../../package.json" with { type: "json" };

const DESCRIPTION = `Submit batches of portraits and follow their progress.

Everything under \`/v1\` requires an API key, as \`Authorization: Bearer <key>\` or \`X-API-Key: <key>\`, if the server has one.
Each operation's \`security\` names the scope that the key needs: ${SCOPES.map((scope) => `\`${scope}\``).join(", ")}.
Errors are \`application/problem+json\` (RFC 9457) with a \`code\`; \`errors\` names every faulty field.`;

type SwaggerInput = Parameters<typeof jsonSchemaTransform>[0];
type Json = Readonly<Record<string, unknown>>;
type Operation = Record<string, unknown> & {
  requestBody?: { required?: boolean; content?: Record<string, { schema?: { anyOf?: Json[] } }> };
};
interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Json };
}

/** The form of a submission, within the limits of OpenAPI. */
const formSchema: Json = {
  type: "object",
  properties: {
    submission: { type: "string", description: "A submission as JSON, instead of plain fields." },
    ...Object.fromEntries(
      [
        ["destination", "`s3://bucket/prefix/`"],
        ["preset", "One of the presets, or `prompt`."],
        ["prompt", "A custom prompt."],
        ["mode", "`eco` or `max`."],
        ["intensity", ""],
        ["useCase", ""],
        ["provider", ""],
        [
          "baseUrl",
          "Relative sources of the rows are keys under this, and `s3://` and `file://` sources must be under it.",
        ],
        ["manifestSources", "JSON: prefixes of stores outside of `baseUrl` that rows may name, or `any`."],
        ["template", "Template of the destination key."],
        ["carry", "Columns to copy to the report unchanged, separated by commas."],
        ["name", ""],
        ["lane", ""],
        ["source", "A prefix or a manifest in a store, instead of the file."],
      ].map(([name, description]) => [name, { type: "string", ...(description === "" ? {} : { description }) }]),
    ),
    manifest: { type: "string", format: "binary", description: "CSV or JSONL, of any size; must be the last field." },
  },
};

function submissionBody(): { required: boolean; content: Record<string, { schema: Json }> } {
  const { $schema: _, ...schema } = z.toJSONSchema(submissionSchema, { io: "input", target: "draft-2020-12" });
  return {
    required: true,
    content: { "application/json": { schema }, "multipart/form-data": { schema: formSchema } },
  };
}

/** Adds what route schemas cannot express: a submission's two bodies. */
function describeSubmission({ paths }: OpenApiDocument): void {
  const quote = paths["/v1/quotes"]?.["post"];
  if (quote !== undefined) quote["requestBody"] = submissionBody();
  const post = paths["/v1/batches"]?.["post"];
  if (post === undefined) return;
  post["requestBody"] = submissionBody();
}

/** The header of every route that changes something. */
const repeatHeaders = z.object({
  "Idempotency-Key": z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe(
      "Any text chosen by the client; a new one for each new request. A repeated request gets the first answer.",
    ),
});

/** Adds the idempotency key to a route's schema, and the problems that it may cause. */
function withRepeats({ schema, route }: SwaggerInput): SwaggerInput["schema"] {
  const { scope, ...config } = route.config ?? {};
  const methods = [route.method].flat();
  if (scope === undefined || !methods.some((method) => takesKey(method, config))) return schema;
  const response = { ...problems(409, 422), ...(schema.response as object) };
  return { ...schema, headers: repeatHeaders, response };
}

/** The header by which a browser resumes a stream of events. */
const LAST_EVENT_ID = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description: "Continues after this `id`. Counts before `after`.",
  schema: { type: "string" },
};

function describeStreams({ paths }: OpenApiDocument): void {
  for (const path of ["/v1/events", "/v1/batches/{id}/events"]) {
    const get = paths[path]?.["get"];
    if (get !== undefined) get["parameters"] = [...((get["parameters"] as Json[] | undefined) ?? []), LAST_EVENT_ID];
  }
}

/** Adds the body of a photo, which no schema validates. */
function describePhotos({ paths }: OpenApiDocument): void {
  const put = paths["/v1/uploads/{id}/photos"]?.["put"];
  if (put === undefined) return;
  put.requestBody = {
    required: true,
    content: { "image/*": { schema: { type: "string", format: "binary" } as Json } },
  };
}

/** Marks nullable bodies as optional. */
function describeOptionalBodies({ paths }: OpenApiDocument): void {
  for (const { requestBody } of Object.values(paths).flatMap((path) => Object.values(path))) {
    const media = requestBody?.content?.["application/json"];
    const [schema, nothing] = media?.schema?.anyOf ?? [];
    if (requestBody === undefined || media === undefined || schema === undefined || nothing?.["type"] !== "null")
      continue;
    requestBody.required = false;
    media.schema = schema;
  }
}

/** Keeps only referenced components. Each named schema has an input and an output form, and few documents need both. */
function usedSchemas({ paths, components: { schemas } }: OpenApiDocument): Json {
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    const text = JSON.stringify(value);
    for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(schemas[name] ?? {});
    }
  };
  visit(paths);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}

export const swaggerOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: "3.1.0",
    info: {
      title: "Darkroom",
      description: DESCRIPTION,
      version: manifest.version,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "batches", description: "One submission: a source, a recipe, a destination" },
      { name: "uploads", description: "Photos from a browser, before their batch is submitted" },
      { name: "portraits", description: "One photo of a batch" },
      { name: "actions", description: "One thing done to all portraits that match a query" },
      { name: "events", description: "What happens to batches" },
      { name: "reports", description: "The results of a batch" },
      { name: "presets", description: "The choices of a recipe" },
      { name: "lanes", description: "The queues of the provider accounts" },
      { name: "schedules", description: "Batches on a schedule" },
      { name: "keys", description: "API keys" },
      { name: "webhooks", description: "Events sent to URLs, signed" },
      { name: "links", description: "Links by which a client opens one batch" },
      { name: "files", description: "Links to local folders" },
      { name: "operations", description: "Health and metrics" },
    ],
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
    },
    security: [{ bearer: [] }, { apiKey: [] }],
  },
  transform: (input) => {
    const { schema, ...rest } = jsonSchemaTransform({ ...input, schema: withRepeats(input) });
    const { scope, orScope } = input.route.config ?? {};
    const scopes = [scope, orScope].filter((each) => each !== undefined);
    const security =
      scope === undefined ? {} : { security: scopes.flatMap((each) => [{ bearer: [each] }, { apiKey: [each] }]) };
    return { ...rest, schema: { ...schema, ...security } };
  },
  transformObject: (input) => {
    const document = jsonSchemaTransformObject(input);
    const parts = document as unknown as OpenApiDocument;
    describeSubmission(parts);
    describePhotos(parts);
    describeStreams(parts);
    describeOptionalBodies(parts);
    Object.assign(parts.components, { schemas: usedSchemas(parts) });
    return document;
  },
};
