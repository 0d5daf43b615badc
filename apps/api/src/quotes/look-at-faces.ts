import { photoWarnings } from "@darkroom/core";
import type { FaceFinder, FoundFaces } from "@darkroom/faces";
import type { LookAtFaces, SeenFaces } from "@darkroom/intake";

/** Minimum likeness, of 100, at which two photos certainly show the same person. */
const SAME_PERSON = 75;

/** Returns the face search for a quote's photos. Face descriptions exist only while the quote is computed. */
export function lookAtFaces(finder: FaceFinder): LookAtFaces {
  /** Hides face descriptions from the quote. */
  const found = new WeakMap<SeenFaces, FoundFaces>();
  return async (read) => {
    if (!finder.isAvailable) return undefined;
    // Imported at the first quote, because only quotes need the image library and its memory.
    const { facePixelsOf } = await import("@darkroom/imaging");
    const faces = await finder.findFaces(async () => await facePixelsOf(await read()));
    if (faces === undefined) return undefined;
    // The photo's own size is unknown here, so no face is called tiny for its pixels.
    const warnings = photoWarnings({ ...faces, scale: Infinity, isTurned: faces.turn !== 0 });
    const seen: SeenFaces = {
      warnings,
      isSamePerson: (other) => {
        const [one, two] = [single(faces), single(found.get(other))];
        return one !== undefined && two !== undefined && one.description.likenessTo(two.description) >= SAME_PERSON;
      },
    };
    found.set(seen, faces);
    return seen;
  };
}

/** Returns the face of a photo that clearly shows a single person. */
function single(found: FoundFaces | undefined): FoundFaces["faces"][number] | undefined {
  const [face, ...others] = found?.faces ?? [];
  return others.length === 0 && face?.description.isClear === true ? face : undefined;
}
