import { createHmac, randomBytes } from "node:crypto";

/** Where a signed link leads, and until when. */
export interface SignedLink {
  /** To be put behind the result's URL. */
  readonly query: string;
  readonly signature: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Makes links that are good for a while. Each twin signs with a key of its own. */
export class SignedLinks {
  readonly #key = randomBytes(32);
  readonly #goodForMs: number;

  constructor(goodForMs: number) {
    this.#goodForMs = goodForMs;
  }

  sign(name: string): SignedLink {
    const expiresAt = Date.now() + this.#goodForMs;
    const signature = createHmac("sha256", this.#key).update(`${name}\n${expiresAt}`).digest("base64url");
    return { query: `?expires=${Math.ceil(expiresAt / 1_000)}&signature=${signature}`, signature, expiresAt };
  }
}
