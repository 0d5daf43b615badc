/** Metadata to write beside a picture's pixels. */
export interface CarriedMetadata {
  /** A TIFF block; see `keptExif`. */
  readonly exif?: Buffer | undefined;
  /** A colour profile, for a picture that has none. */
  readonly icc?: Buffer | undefined;
  /** An XMP packet; see `xmpOf`. */
  readonly xmp?: Buffer | undefined;
  /** True to keep a C2PA manifest and the file's XMP. Defaults to false. */
  readonly keepsMarks?: boolean;
}
