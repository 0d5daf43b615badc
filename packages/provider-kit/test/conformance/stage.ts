import type { EnhanceRequest, Provider } from "../../src/provider.ts";
import type { Scene } from "./scenes.ts";

/** A provider's adapter, before a server that plays what the suite asks for: the twin, or recorded answers. */
export interface Stage {
  readonly provider: Provider;
  /** It must never be seen in anything that the adapter says. */
  readonly apiKey: string;
  /** A good request; each call is another portrait's. */
  request(): EnhanceRequest | Promise<EnhanceRequest>;
  /** What the next request to enhance meets. */
  play(scene: Scene): void | Promise<void>;
  /** Requests to enhance that have reached the server so far, whatever became of them. */
  calls(): number | Promise<number>;
  /** The adapter closed, the server too. */
  close(): Promise<void>;
}

export interface StageDescription {
  /** Of the optional scenes those that this stage can play. */
  readonly plays: readonly Scene[];
  /** The same adapter with an address where nobody listens. */
  unreachable(): Provider | Promise<Provider>;
  open(): Stage | Promise<Stage>;
}
