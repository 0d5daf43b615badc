export type { Face, FacePixels, FoundFaces } from "./face.ts";
export { FaceFinder } from "./face-finder.ts";
