import type { RedisConnection } from "@darkroom/redis-kit";
import { operationSchema, type Operation } from "./operation.ts";

/** How long an operation is kept after its last change. */
const KEEP_MS = 7 * 86_400_000;

/** Stores operations as `ns:operation:<id>`. Only the process that carries one out changes it. */
export class OperationBook {
  readonly #redis: RedisConnection;
  readonly #namespace: string;

  constructor(redis: RedisConnection, namespace: string) {
    this.#redis = redis;
    this.#namespace = namespace;
  }

  async write(operation: Operation): Promise<void> {
    await this.#redis.set(this.#keyOf(operation.id), JSON.stringify(operation), "PX", KEEP_MS);
  }

  /** Returns undefined for an unknown id. */
  async read(id: string): Promise<Operation | undefined> {
    const text = await this.#redis.get(this.#keyOf(id));
    return text === null ? undefined : operationSchema.parse(JSON.parse(text));
  }

  #keyOf(id: string): string {
    return `${this.#namespace}:operation:${id}`;
  }
}
