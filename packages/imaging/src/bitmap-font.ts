/** Glyph cells: 5 columns and 7 rows of dots, plus a row for descenders and an empty column after each glyph. */
const COLUMNS = 5;
const ROWS = 8;
const ADVANCE = COLUMNS + 1;

/**
 * Printable ASCII, starting with the space: five bytes per glyph, one per column from the left, with the top dot in the
 * lowest bit.
 */
const ASCII = Buffer.from(
  [
    "0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462 3649552250 0005030000", // space ! " # $ % & '
    "001c224100 0041221c00 14083e0814 08083e0808 0050300000 0808080808 0060600000 2010080402", // ( ) * + , - . /
    "3e5149453e 00427f4000 4261514946 2141454b31 1814127f10 2745454539 3c4a494930 0171090503", // 0-7
    "3649494936 064949291e 0036360000 0056360000 0814224100 1414141414 0041221408 0201510906", // 8 9 : ; < = > ?
    "324979413e 7e1111117e 7f49494936 3e41414122 7f4141221c 7f49494941 7f09090901 3e4149497a", // @ A-G
    "7f0808087f 00417f4100 2040413f01 7f08142241 7f40404040 7f020c027f 7f0408107f 3e4141413e", // H-O
    "7f09090906 3e4151215e 7f09192946 4649494931 01017f0101 3f4040403f 1f2040201f 3f4038403f", // P-W
    "6314081463 0708700807 6151494543 007f414100 0204081020 0041417f00 0402010204 4040404040", // X-Z [ \ ] ^ _
    "0001020400 2054545478 7f48444438 3844444420 384444487f 3854545418 087e090102 18a4a4a47c", // ` a-g
    "7f08040478 00447d4000 4080847d00 7f10284400 00417f4000 7c04180478 7c08040478 3844444438", // h-o
    "fc24242418 18242418fc 7c08040408 4854545420 043f444020 3c4040207c 1c2040201c 3c4030403c", // p-w
    "4428102844 1ca0a0a07c 4464544c44 0008364100 00007f0000 0041360800 0804081008", // x-z { | } ~
  ]
    .join("")
    .replaceAll(" ", ""),
  "hex",
);

/** A hollow box, for characters without a glyph. */
const UNKNOWN = Buffer.from("7f4141417f", "hex");

/** Replacements for common characters beyond ASCII. */
const LIKE: Readonly<Record<string, string>> = {
  "–": "-",
  "—": "-",
  "·": "-",
  "×": "x",
  "→": ">",
  "…": "...",
  "’": "'",
  "‘": "'",
  "“": '"',
  "”": '"',
  ß: "ss",
  ø: "o",
  Ø: "O",
  æ: "ae",
  Æ: "AE",
  ł: "l",
  Ł: "L",
};

/** Width and height of a glyph's dots, in px. */
export interface TextStyle {
  readonly dotPx: number;
  readonly color: string;
}

/** Removes diacritics (é is drawn as e). Any other character without a glyph becomes one box. */
function drawable(text: string): string {
  return Array.from(text.normalize("NFD").replaceAll(/\p{M}/gu, ""), (character) => LIKE[character] ?? character).join(
    "",
  );
}

export function textHeightPx(dotPx: number): number {
  return ROWS * dotPx;
}

export function textWidthPx(text: string, dotPx: number): number {
  return Math.max(0, Array.from(drawable(text)).length * ADVANCE - 1) * dotPx;
}

/** Returns the text, or its two ends if the text is too wide, because the file name matters most in a long path. */
export function fittedText(text: string, widthPx: number, dotPx: number): string {
  const characters = Array.from(drawable(text));
  const room = Math.floor((widthPx / dotPx + 1) / ADVANCE);
  if (characters.length <= room) return characters.join("");
  const kept = Math.max(0, room - 3);
  const end = Math.ceil(kept * 0.7);
  return `${characters.slice(0, kept - end).join("")}...${characters.slice(characters.length - end).join("")}`.slice(
    0,
    Math.max(0, room),
  );
}

/** Returns an SVG path that draws the text with its upper left corner at x, y, without a system font. */
export function textPath(text: string, x: number, y: number, { dotPx, color }: TextStyle): string {
  const dots: string[] = [];
  for (const [at, character] of Array.from(drawable(text)).entries()) {
    const code = (character.codePointAt(0) ?? 0) - 32;
    const known = code >= 0 && (code + 1) * COLUMNS <= ASCII.length;
    const glyph = known ? ASCII.subarray(code * COLUMNS, (code + 1) * COLUMNS) : UNKNOWN;
    for (const [column, bits] of glyph.entries()) {
      for (let row = 0; row < ROWS; row++) {
        if ((bits & (1 << row)) === 0) continue;
        dots.push(`M${x + (at * ADVANCE + column) * dotPx} ${y + row * dotPx}h${dotPx}v${dotPx}h-${dotPx}z`);
      }
    }
  }
  return `<path shape-rendering="crispEdges" fill="${color}" d="${dots.join("")}"/>`;
}
