import type { z } from "zod";

/** Describes a route's JSON response for its schema. */
export function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}
