import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { lookOf } from "./look.ts";
import { retouch, retouchLightly, type Picture } from "./retouch.ts";
import type { SourceImage } from "./source-image.ts";
import { WorkSlots } from "./work-slots.ts";

/** `full`: realistic retouching. `light`: one cheap step, cached by source and prompt, for load tests. */
export type WorkMode = "full" | "light";

/** Number of cached light results. */
const MAX_REMEMBERED = 2_000;

/** Processes pictures, a few at a time, so that memory use is bounded. */
export class PictureDesk {
  readonly #mode: WorkMode;
  readonly #slots = new WorkSlots(availableParallelism());
  readonly #remembered = new Map<string, Promise<Picture>>();

  constructor(mode: WorkMode) {
    this.#mode = mode;
  }

  /** @throws sharp's error for a file that cannot be decoded */
  work(source: SourceImage, prompt: string): Promise<Picture> {
    return this.#mode === "full"
      ? this.#slots.run(() => retouch(source, lookOf(prompt)))
      : this.#remember(source, prompt);
  }

  #remember(source: SourceImage, prompt: string): Promise<Picture> {
    const key = createHash("sha256").update(source.bytes).update(prompt).digest("base64url");
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const picture = this.#slots.run(() => retouchLightly(source));
    this.#remembered.set(key, picture);
    picture.catch(() => this.#remembered.delete(key));
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
    return picture;
  }
}
