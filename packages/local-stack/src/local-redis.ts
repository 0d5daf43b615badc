export interface LocalRedis {
  readonly url: string;
  /** Description of its type and origin. */
  readonly how: string;
  /** True when no other live process uses this Redis; false if unknown. */
  isAlone(): boolean;
  /** Stops the servers that this call started, and nothing else. Idempotent. */
  close(): Promise<void>;
}
