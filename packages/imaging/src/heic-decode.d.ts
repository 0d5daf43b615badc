declare module "heic-decode" {
  /** Decodes the main picture of a file, upright; synchronous for most of its time. Rejects for what it cannot read. */
  export default function decode(options: {
    readonly buffer: Uint8Array;
  }): Promise<{ readonly width: number; readonly height: number; readonly data: Uint8ClampedArray<ArrayBuffer> }>;
}
