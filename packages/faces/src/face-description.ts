import { Biometric } from "./biometric.ts";

/** Distances of two descriptions between which the likeness falls from 100 to 0; see docs/likeness.md. */
const SAME_DISTANCE = 4;
const OTHER_DISTANCE = 16;

/** Least strength of a clear face's description. */
export const CLEAR_STRENGTH = 8;

/** Returns how much a picture shows of a face, by the length of its description. */
export function strengthOf(numbers: Float32Array): number {
  return Math.hypot(...numbers);
}

/** Describes whose face it is, for one comparison in memory. */
export class FaceDescription extends Biometric {
  readonly #numbers: Float32Array;

  constructor(numbers: Float32Array) {
    super();
    this.#numbers = numbers;
  }

  /** False for a blurred, dark or tiny face, whose likeness means little. */
  get isClear(): boolean {
    return strengthOf(this.#numbers) >= CLEAR_STRENGTH;
  }

  /** Similarity of two faces: about 85 to 100 for the same person, below 40 for two people. */
  likenessTo(other: FaceDescription): number {
    let sum = 0;
    for (const [at, number] of this.#numbers.entries()) sum += (number - (other.#numbers[at] ?? 0)) ** 2;
    const share = (OTHER_DISTANCE - Math.sqrt(sum)) / (OTHER_DISTANCE - SAME_DISTANCE);
    return Math.round(100 * Math.min(1, Math.max(0, share)));
  }
}
