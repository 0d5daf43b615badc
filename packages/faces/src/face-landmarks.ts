import { Biometric } from "./biometric.ts";

/** Number of landmarks: the mesh of MediaPipe's FaceMesh, whose indices are documented there. */
export const LANDMARKS = 468;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Positions of a face's landmarks, in px of the picture. */
export class FaceLandmarks extends Biometric {
  readonly #numbers: Float32Array;

  /** @param numbers x and y of each landmark in turn */
  constructor(numbers: Float32Array) {
    super();
    this.#numbers = numbers;
  }

  /** @throws RangeError for an index that is not from 0 to 467 */
  point(index: number): Point {
    const [x, y] = [this.#numbers[2 * index], this.#numbers[2 * index + 1]];
    if (x === undefined || y === undefined) throw new RangeError(`there is no landmark ${index}`);
    return { x, y };
  }
}
