import type { EnhanceRequest, Provider } from "../../src/provider.ts";
import type { Scene } from "./scenes.ts";

/** A provider's adapter in front of a server that plays scenes on request: the simulator, or recorded answers. */
export interface Stage {
  readonly provider: Provider;
  /** Must never appear in any output of the adapter. */
  readonly apiKey: string;
  /** Returns a valid request. Each call is for a different portrait. */
  request(): EnhanceRequest | Promise<EnhanceRequest>;
  /** Sets the scene of the next enhancement request. */
  play(scene: Scene): void | Promise<void>;
  /** Returns the number of enhancement requests that have reached the server so far, regardless of their result. */
  calls(): number | Promise<number>;
  /** Closes the adapter and the server. */
  close(): Promise<void>;
}

export interface StageDescription {
  /** The optional scenes that this stage can play. */
  readonly plays: readonly Scene[];
  /** Creates the same adapter with an address where no server listens. */
  unreachable(): Provider | Promise<Provider>;
  open(): Stage | Promise<Stage>;
}
