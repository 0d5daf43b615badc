import pLimit from "p-limit";
import { extentOf } from "./extent.ts";
import { eyesOf } from "./eyes.ts";
import { FaceDescription } from "./face-description.ts";
import { FaceLandmarks } from "./face-landmarks.ts";
import type { Face, FacePixels, FoundFaces } from "./face.ts";
import type { RawFace } from "./models/find-in-pixels.ts";
import { FacesUnavailable, FaceThread } from "./thread/face-thread.ts";

/** Without a picture for this long, the thread ends and frees its memory, about 150 MiB. */
const IDLE_MS = 60_000;
/** Faces are switched off after this many pictures in succession that could not be examined or ended the thread. */
const MOST_FAILURES = 3;
/** Pictures that are decoded or examined at once: one is decoded while another is examined. */
const AT_ONCE = 2;

export interface FaceFinderOptions {
  /** False: loads no models, and every search returns undefined. */
  readonly enabled: boolean;
  /** Called once, with a sentence, when faces can no longer be found. */
  readonly onUnavailable: (message: string) => void;
}

/**
 * Finds faces, with models in a separate thread that starts with the first picture. Writes and logs nothing about a
 * face.
 */
export class FaceFinder {
  readonly #options: FaceFinderOptions;
  #isOff: boolean;
  #thread: FaceThread | undefined;
  #failures = 0;
  #idle: NodeJS.Timeout | undefined;
  /** The queue of pictures. */
  readonly #opened = pLimit(AT_ONCE);
  /** The thread takes one picture at a time. */
  readonly #asked = pLimit(1);

  constructor(options: FaceFinderOptions) {
    this.#options = options;
    this.#isOff = !options.enabled;
  }

  /** False if faces are switched off, or cannot be found on this machine. */
  get isAvailable(): boolean {
    return !this.#isOff;
  }

  /**
   * Finds the faces of a picture. Pictures are processed in order of arrival. A picture given as a function is opened
   * only when it is processed, so that waiting pictures use no memory.
   *
   * @returns undefined if faces are not available, or this picture could not be examined
   * @throws the function's errors, and the signal's reason if it is aborted before the picture's turn
   */
  async findFaces(
    picture: FacePixels | (() => Promise<FacePixels>),
    signal?: AbortSignal,
  ): Promise<FoundFaces | undefined> {
    if (this.#isOff) return undefined;
    const examine = async (pixels: FacePixels): Promise<FoundFaces | undefined> =>
      await this.#asked(async () => {
        signal?.throwIfAborted();
        return await this.#ask(pixels);
      });
    if (typeof picture !== "function") return await examine(picture);
    return await this.#opened(async () => {
      signal?.throwIfAborted();
      return await examine(await picture());
    });
  }

  /** Ends the thread. Later pictures are answered with undefined. */
  async close(): Promise<void> {
    this.#isOff = true;
    await this.#stop();
  }

  /** Never rejects. */
  async #ask(pixels: FacePixels): Promise<FoundFaces | undefined> {
    if (this.#isOff) return undefined;
    clearTimeout(this.#idle);
    this.#thread ??= new FaceThread();
    try {
      const answer = await this.#thread.find(pixels);
      if (answer.kind === "failed") return this.#failed(answer.message, MOST_FAILURES);
      this.#failures = 0;
      const { faces, turn } = answer.found;
      return { width: pixels.width, height: pixels.height, faces: faces.map(faceOf), turn };
    } catch (error) {
      await this.#stop();
      return this.#failed((error as Error).message, error instanceof FacesUnavailable ? 1 : MOST_FAILURES);
    } finally {
      this.#idle = setTimeout(() => void this.#stop(), IDLE_MS).unref();
    }
  }

  /** Disables face search after `most` consecutive failures. */
  #failed(message: string, most: number): undefined {
    this.#failures += 1;
    if (this.#isOff || this.#failures < most) return;
    this.#isOff = true;
    this.#options.onUnavailable(message);
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle);
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.close();
  }
}

function faceOf({ points, description, ...seen }: RawFace): Face {
  return {
    ...seen,
    box: extentOf(points),
    eyes: eyesOf(points),
    landmarks: new FaceLandmarks(points),
    description: new FaceDescription(description),
  };
}
