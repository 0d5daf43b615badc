import type { z } from "zod";

/** A JSON answer and what it means, for a route's schema. */
export function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}
