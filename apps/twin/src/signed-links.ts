import { createHmac, randomBytes } from "node:crypto";

/** The target of a signed link, and its expiry. */
export interface SignedLink {
  /** Appended to the result's URL. */
  readonly query: string;
  readonly signature: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Creates links that expire. Each simulator has its own signing key. */
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
