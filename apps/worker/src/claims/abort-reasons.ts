/** Abort reason: the batch was cancelled. */
export class BatchCancelled extends Error {
  constructor() {
    super("the batch was cancelled");
  }
}

/** Abort reason: this process is stopping, and another worker continues. */
export class WorkerStops extends Error {
  constructor() {
    super("the worker stops");
  }
}
