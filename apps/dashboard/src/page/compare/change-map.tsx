import { useEffect, useRef, useState } from "preact/hooks";
import { paintRows, shiftOf } from "./changed-pixels.ts";

/** Rows that are compared before the page may do something else. */
const ROWS_AT_ONCE = 32;
/** Longer side of the map. */
const MOST_PX = 256;

interface Props {
  /** Addresses of the two pictures, the small one first. The next one is used if one is missing. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Of the map, so that it shows the same part as the pictures. */
  readonly transform: string;
}

/** Share of the picture that differs visibly; 0 to 1. */
type Told = "working" | "missing" | number;

/** Shows where a result differs from its source. Compares the small pictures in this browser, in the idle time. */
export function ChangeMap({ before, after, transform }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [told, setTold] = useState<Told>("working");
  const addresses = [...before, ...after].join(" ");
  useEffect(() => {
    const abort = new AbortController();
    const run = async (): Promise<void> => {
      const [source, result] = await Promise.all([firstOf(before), firstOf(after)]);
      const target = canvas.current;
      if (target === null || abort.signal.aborted) return;
      const share = await paint(target, source, result, abort.signal);
      if (!abort.signal.aborted) setTold(share);
    };
    setTold("working");
    run().catch(() => abort.signal.aborted || setTold("missing"));
    return () => abort.abort();
  }, [addresses]);
  const words = wordsOf(told);
  return (
    <>
      <div class="layer" style={{ transform }}>
        <canvas ref={canvas} role="img" aria-label={words} />
      </div>
      <p class="legend" role="status">
        {words}
      </p>
    </>
  );
}

function wordsOf(told: Told): string {
  if (told === "working") return "Comparing…";
  if (told === "missing") return "The two pictures cannot be compared here.";
  const percent = Math.round(told * 100);
  return `From yellow to red: what has changed beyond light and colour as a whole, about ${percent} % of the picture.`;
}

async function paint(
  canvas: HTMLCanvasElement,
  source: HTMLImageElement,
  result: HTMLImageElement,
  abort: AbortSignal,
): Promise<number> {
  const scale = Math.min(1, MOST_PX / Math.max(result.naturalWidth, result.naturalHeight));
  const width = Math.max(1, Math.round(result.naturalWidth * scale));
  const height = Math.max(1, Math.round(result.naturalHeight * scale));
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("no canvas");
  const pixelsOf = (picture: HTMLImageElement): Uint8ClampedArray => {
    context.drawImage(picture, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  };
  const [before, after] = [pixelsOf(source), pixelsOf(result)];
  const pair = { before, after, width, height, shift: shiftOf({ before, after }) };
  const map = context.createImageData(width, height);
  let changed = 0;
  for (let from = 0; from < height && !abort.aborted; from += ROWS_AT_ONCE) {
    await idle();
    changed += paintRows(pair, map.data, { from, end: from + ROWS_AT_ONCE });
    context.putImageData(map, 0, 0);
  }
  return changed / (width * height);
}

async function firstOf([address, ...more]: readonly string[]): Promise<HTMLImageElement> {
  if (address === undefined) throw new Error("no picture");
  const picture = new Image();
  picture.src = address;
  return await picture.decode().then(
    () => picture,
    () => firstOf(more),
  );
}

/** Resolves when the page has nothing else to do. Safari has no `requestIdleCallback`. */
async function idle(): Promise<void> {
  await new Promise<void>((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: 100 });
    else setTimeout(resolve, 0);
  });
}
