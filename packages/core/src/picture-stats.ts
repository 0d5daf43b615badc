/** Small statistics of one result, by which a team's portraits are compared. */
export interface PictureStats {
  /** Mean luminance, as stops (EV) against middle grey: the base-2 logarithm of linear luminance / 0.18. */
  readonly exposureEv: number;
  /** White balance, warm (+) to cool (-): the base-2 logarithm of mean linear red / blue. */
  readonly warmthEv: number;
  /** Tint, magenta (+) to green (-): the base-2 logarithm of the mean of linear red and blue / green. */
  readonly tintEv: number;
  /** Standard deviation of the lightness, 0 to 1. */
  readonly contrast: number;
  /** Spread of the edges of the picture at a fixed size; 0 is flat. */
  readonly sharpness: number;
  /** Mean lightness of the picture's upper corners, 0 to 1. */
  readonly background: number;
  /** Height of the face / height of the picture, where a face was found. */
  readonly headShare?: number;
}
