import type { Fault } from "./fault.ts";
import { withManifest } from "./manifest.ts";
import { spoil, type PictureOutput } from "./picture-output.ts";
import type { MadePicture, WrongFaces } from "./wrong-face.ts";

/** Returns the picture as the fault changes it; undefined if the URL must not exist. */
export async function asFaultMakesIt(
  { wrongFaces }: { readonly wrongFaces: WrongFaces },
  fault: Fault | undefined,
  made: MadePicture,
): Promise<PictureOutput | undefined> {
  if (fault?.kind === "wrong_face") return await wrongFaces.make(fault.face, made);
  if (fault?.kind === "c2pa") return withManifest(made.picture);
  return fault?.kind === "bad_output" ? await spoil(made.picture, made.source, fault.output) : made.picture;
}
