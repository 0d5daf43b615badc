import { Gate, Lane, type GateLimits, type LaneConnection, type LaneOptions } from "@darkroom/lanes";
import type { RedisConnection } from "@darkroom/redis-kit";

export interface LaneSetOptions {
  readonly connection: LaneConnection;
  /** A shared connection for the keys of lanes and gates. */
  readonly redis: RedisConnection;
  readonly limitsOf: (lane: string) => GateLimits;
  readonly optionsOf?: (lane: string) => LaneOptions;
}

/** The lanes and gates that a process uses. Opens each once. */
export class LaneSet {
  readonly #options: LaneSetOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #gates = new Map<string, Gate>();

  constructor(options: LaneSetOptions) {
    this.#options = options;
  }

  readonly lane = (name: string): Lane => {
    const { connection, redis, optionsOf } = this.#options;
    const lane = this.#lanes.get(name) ?? new Lane(connection, redis, name, optionsOf?.(name));
    this.#lanes.set(name, lane);
    return lane;
  };

  readonly gate = (name: string): Gate => {
    const { connection, redis, limitsOf } = this.#options;
    const gate = this.#gates.get(name) ?? new Gate(redis, connection.namespace, name, limitsOf(name));
    this.#gates.set(name, gate);
    return gate;
  };

  /** Closes the lanes' queues. The shared connection stays open. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }
}
