import { DarkroomError } from "@darkroom/core";

/** Refuses to repeat a request that was carried out, but whose answer was not kept. */
export class AnswerNotKept extends DarkroomError {
  /** Id of the resource that the request created; undefined if it created none. */
  readonly id: string | undefined;

  constructor(message: string, id: string | undefined) {
    super("conflict", message, { field: "Idempotency-Key" });
    this.id = id;
  }
}
