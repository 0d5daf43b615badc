import { readFile } from "node:fs/promises";
import sharp, { type Exif, type Sharp } from "sharp";

/** A real portrait, 512 px a side: Eileen Collins, NASA, public domain. */
export const portrait = await readFile(new URL("../../../examples/photos/astronaut.png", import.meta.url));

/** Returns the portrait with realistic retouching: slightly brighter and softer. */
export function retouched(): Sharp {
  return sharp(portrait).linear(1.05, 4).blur(0.8);
}

/** Metadata as written by cameras, including tags that must not be published. */
export const CAMERA_EXIF: Exif = {
  IFD0: {
    Make: "Nikon",
    Model: "Z 8",
    Artist: "Ada Lens",
    Copyright: "2026 Ada Lens, all rights",
    ImageDescription: "Team, third floor",
    Software: "Secret Suite 4",
  },
  IFD2: {
    DateTimeOriginal: "2026:03:04 10:11:12",
    OffsetTimeOriginal: "+01:00",
    FNumber: "28/10",
    LensModel: "85mm f/1.8",
    BodySerialNumber: "SN-12345678",
    UserComment: "call me",
  },
  IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 30/1 0/1" },
};
