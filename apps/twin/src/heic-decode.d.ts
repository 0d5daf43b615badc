declare module "heic-decode" {
  /** Decodes a file's main picture, upright. Mostly synchronous. Rejects unreadable input. */
  export default function decode(options: {
    readonly buffer: Uint8Array;
  }): Promise<{ readonly width: number; readonly height: number; readonly data: Uint8ClampedArray<ArrayBuffer> }>;
}
