import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { TwinClock } from "./twin-clock.ts";

/** Paths for uploading bytes, and for reading them. */
export const UPLOAD_PATH = "/upload/";
export const PUBLIC_PATH = "/public/";

/** How long a location accepts bytes, in provider time (provider contract A.3). */
const PLACE_KEPT_MS = 15 * 60_000;
/** Memory for pictures, in bytes. The oldest are dropped first. */
const MAX_BYTES = 256 * 1024 * 1024;

export interface Place {
  readonly id: string;
  readonly contentType: string;
  /** Part of the upload URL. */
  readonly signature: string;
  /** Headers that the PUT must send unchanged. */
  readonly requiredHeaders: Readonly<Record<string, string>>;
  /** Epoch ms, real time. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface Upload {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** The portrait's name in the books. Derived only from the bytes. */
  readonly portrait: string;
  readonly expiresAt: number;
}

/** Why bytes are rejected: an HTTP status and a code, as in object stores. */
export interface UploadRefusal {
  readonly status: 403 | 413;
  readonly code: "SignatureDoesNotMatch" | "AccessDenied" | "EntityTooLarge";
}

/** each::storage: locations for pictures, and the pictures until they expire (provider contract A.3). */
export class UploadStore {
  readonly #clock: TwinClock;
  readonly #maxPictureBytes: number;
  readonly #places = new Map<string, Place>();
  readonly #uploads = new Map<string, Upload>();
  #bytes = 0;
  #taken = 0;

  constructor(clock: TwinClock, maxPictureBytes: number) {
    this.#clock = clock;
    this.#maxPictureBytes = maxPictureBytes;
  }

  /** Number of pictures uploaded so far. */
  get taken(): number {
    return this.#taken;
  }

  get maxPictureBytes(): number {
    return this.#maxPictureBytes;
  }

  /** @param lifeSeconds lifetime of the picture in provider time */
  place(contentType: string, lifeSeconds: number): Place {
    const issuedAt = Date.now();
    const id = randomUUID();
    const place: Place = {
      id,
      contentType,
      signature: randomBytes(16).toString("hex"),
      requiredHeaders: { "Content-Type": contentType, "x-amz-meta-upload-id": id },
      issuedAt,
      expiresAt: issuedAt + this.#clock.realMs(lifeSeconds * 1_000),
    };
    for (const [old, { issuedAt: then }] of this.#places) {
      if (!this.#isOver(then)) break;
      this.#places.delete(old);
    }
    this.#places.set(id, place);
    return place;
  }

  /** Returns why a PUT is rejected; undefined if its bytes are accepted. */
  refusal(
    id: string,
    signature: string | null,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): UploadRefusal | undefined {
    const place = this.#places.get(id);
    if (place === undefined || place.signature !== signature) return { status: 403, code: "SignatureDoesNotMatch" };
    if (this.#isOver(place.issuedAt)) return { status: 403, code: "AccessDenied" };
    const required = Object.entries(place.requiredHeaders);
    const kept = required.every(([name, value]) => headers[name.toLowerCase()] === value);
    return kept ? undefined : { status: 403, code: "SignatureDoesNotMatch" };
  }

  put(id: string, bytes: Buffer): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#drop(id);
    const portrait = `upload-${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
    this.#uploads.set(id, { bytes, contentType: place.contentType, portrait, expiresAt: place.expiresAt });
    this.#bytes += bytes.length;
    this.#taken += 1;
    for (const oldest of this.#uploads.keys()) {
      if (this.#bytes <= MAX_BYTES || oldest === id) break;
      this.#drop(oldest);
    }
  }

  /** Returns the picture with a public URL's name, until it expires. */
  find(name: string): Upload | undefined {
    const id = name.replace(/\.\w+$/, "");
    const upload = this.#uploads.get(id);
    if (upload === undefined || Date.now() < upload.expiresAt) return upload;
    this.#drop(id);
    return undefined;
  }

  #isOver(issuedAt: number): boolean {
    return Date.now() - issuedAt > this.#clock.realMs(PLACE_KEPT_MS);
  }

  #drop(id: string): void {
    this.#bytes -= this.#uploads.get(id)?.bytes.length ?? 0;
    this.#uploads.delete(id);
  }
}
