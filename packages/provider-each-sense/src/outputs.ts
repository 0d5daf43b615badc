import { listAt, recordOf, textAt, type VendorRecord } from "@darkroom/provider-kit";

/**
 * Extensions of results that are not pictures. All other results count as pictures, because CDN links may have no
 * extension.
 */
const OTHER_MEDIA =
  /\.(?:mp4|webm|mov|m4v|avi|mkv|mpe?g|mp3|wav|ogg|m4a|aac|flac|glb|gltf|obj|json|txt|html?|pdf|zip)$/i;
const PICTURE = /\.(?:jpe?g|png|webp|avif|gif|heic|heif|bmp|tiff?)$/i;

interface Output {
  readonly url: string;
  /** The provider's type ("image", "video/mp4"), if stated. */
  readonly type: string | undefined;
}

function outputOf(value: unknown): Output | undefined {
  if (typeof value === "string") return { url: value, type: undefined };
  const record = recordOf(value);
  const url = textAt(record, "url", "output_url", "image_url", "output");
  return url === undefined
    ? undefined
    : { url, type: textAt(record, "media_type", "mime_type", "content_type", "output_type", "type") };
}

/**
 * Returns an output's URL if it is a picture at an http(s) address. The URL's extension takes precedence over the
 * stated type.
 */
function pictureUrl(output: Output | undefined): string | undefined {
  if (output === undefined) return undefined;
  const url = URL.parse(output.url);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
  if (OTHER_MEDIA.test(url.pathname)) return undefined;
  if (PICTURE.test(url.pathname)) return output.url;
  return /^(?:video|audio|text|model|3d)\b/i.test(output.type ?? "") ? undefined : output.url;
}

/** Returns the last picture in a list of URLs or objects with a URL. */
export function lastPicture(values: readonly unknown[]): string | undefined {
  for (let index = values.length - 1; index >= 0; index -= 1) {
    const url = pictureUrl(outputOf(values[index]));
    if (url !== undefined) return url;
  }
  return undefined;
}

/** Returns the picture of a `generation_response`: its `url`, otherwise the last picture of its `generations`. */
export function generatedPicture(event: VendorRecord): string | undefined {
  const generations = listAt(event, "generations");
  const url = textAt(event, "url");
  if (url !== undefined) {
    // The list may be the only place that states the output's type.
    const listed = generations.map(outputOf).find((output) => output?.url === url);
    const own = { url, type: textAt(event, "media_type", "mime_type", "content_type", "output_type") ?? listed?.type };
    const picture = pictureUrl(own);
    if (picture !== undefined) return picture;
  }
  return lastPicture(generations);
}

function flat(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Returns the picture of an `execution_completed`: the last of `output`, otherwise of `all_outputs`. */
export function executedPicture(event: VendorRecord): string | undefined {
  const all = recordOf(event["all_outputs"]);
  return lastPicture(flat(event["output"])) ?? lastPicture(Object.values(all ?? {}).flatMap(flat));
}
