export { FaceFinder } from "./face-finder.ts";
