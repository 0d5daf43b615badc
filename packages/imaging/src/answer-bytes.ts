/** Bytes a pixel of an encoded result, on the safe side: JPEGs of high quality stay below, PNGs of photos as a rule. */
const PER_PIXEL = { jpeg: 1, png: 3 } as const;

/**
 * What an answer that holds its pictures takes at its height: an estimate for a budget of memory, taking results to be as
 * large as what was sent. One picture more is held for a moment, while the pieces that it came in are joined.
 *
 * @param sent the picture that was sent, in pixels
 */
export function answerBytes(
  sent: { readonly width: number; readonly height: number },
  variations: number,
  format: keyof typeof PER_PIXEL,
): number {
  return (variations + 1) * sent.width * sent.height * PER_PIXEL[format];
}
