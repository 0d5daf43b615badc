import type { Frozen } from "./frozen.ts";
import type { operations } from "./schema.ts";

/** The JSON of an operation's successful answer. */
export type Answer<Id extends keyof operations> = operations[Id]["responses"] extends {
  200: { content: { "application/json": infer Body } };
}
  ? Frozen<Body>
  : never;

/** The JSON that an operation takes. */
export type Sent<Id extends keyof operations> = operations[Id] extends {
  requestBody?: { content: { "application/json": infer Body } };
}
  ? Frozen<NonNullable<Body>>
  : never;
