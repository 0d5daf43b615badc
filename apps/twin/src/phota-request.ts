import { MAX_PROMPT_CHARS, MAX_VARIATIONS } from "@darkroom/core";
import { z } from "zod";
import { faultsOf, type RequestFault } from "./request-fault.ts";

/** Provider contract B, with the provider's defaults. Ignores unknown fields. */
const enhanceSchema = z.object({
  image: z.string().min(1),
  prompt: z.string().max(MAX_PROMPT_CHARS).optional(),
  profile_ids: z.array(z.string().min(1)).default([]),
  num_output_images: z.int().min(1).max(MAX_VARIATIONS).default(1),
  output_format: z.enum(["png", "jpg"]).default("jpg"),
  response_mode: z.enum(["bytes", "urls"]).default("bytes"),
});

const profileSchema = z.object({ image_urls: z.array(z.url({ protocol: /^https?$/ })).min(1) });

export type PhotaRequest = z.output<typeof enhanceSchema>;

export type Read<T> =
  | { readonly ok: true; readonly request: T }
  | { readonly ok: false; readonly detail: readonly RequestFault[] };

function readAs<T>(schema: z.ZodType<T>, body: unknown): Read<T> {
  const parsed = schema.safeParse(body);
  return parsed.success ? { ok: true, request: parsed.data } : { ok: false, detail: faultsOf(parsed.error) };
}

/** Parses the body of `POST /v1/phota/enhance`. */
export function readEnhance(body: unknown): Read<PhotaRequest> {
  return readAs(enhanceSchema, body);
}

/** Parses the body of `POST /v1/phota/profiles/add`. */
export function readProfile(body: unknown): Read<z.output<typeof profileSchema>> {
  return readAs(profileSchema, body);
}
