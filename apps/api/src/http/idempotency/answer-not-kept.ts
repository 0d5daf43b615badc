import { DarkroomError } from "@darkroom/core";

/** Refuses to repeat a request that was carried out, but whose answer was not kept. */
export class AnswerNotKept extends DarkroomError {
  /** The id of what the request made; undefined if it made nothing with an id. */
  readonly id: string | undefined;

  constructor(message: string, id: string | undefined) {
    super("conflict", message, { field: "Idempotency-Key" });
    this.id = id;
  }
}
