import { inspect } from "node:util";

const REDACTED = "[biometric data, kept in memory only]";

/**
 * Base class of values that describe a person's face. Subclasses keep the numbers in a private field, so no serialized
 * form contains them: JSON, logs, templates and `inspect` show a fixed text, and a structured clone is empty.
 */
export abstract class Biometric {
  toJSON(): string {
    return REDACTED;
  }

  toString(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
