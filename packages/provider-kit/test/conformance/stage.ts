import type { EnhanceRequest, Provider } from "../../src/provider.ts";
import type { Scene } from "./scenes.ts";

/** A provider's adapter in front of a server that plays scenes on request: the simulator, or recorded answers. */
export interface Stage {
  readonly provider: Provider;
  /** Must never appear in anything that the adapter reports. */
  readonly apiKey: string;
  /** A valid request; each call is for another portrait. */
  request(): EnhanceRequest | Promise<EnhanceRequest>;
  /** Sets the scene of the next enhancement request. */
  play(scene: Scene): void | Promise<void>;
  /** Enhancement requests that have reached the server so far, whatever happened to them. */
  calls(): number | Promise<number>;
  /** Closes the adapter and the server. */
  close(): Promise<void>;
}

export interface StageDescription {
  /** The optional scenes that this stage can play. */
  readonly plays: readonly Scene[];
  /** The same adapter with an address where no server listens. */
  unreachable(): Provider | Promise<Provider>;
  open(): Stage | Promise<Stage>;
}
