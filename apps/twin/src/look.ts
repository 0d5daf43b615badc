import { DEFAULT_INTENSITY, INTENSITIES, type Intensity } from "@darkroom/core";

/** The strength of each part of the retouching, 0 to 1. */
export interface Look {
  readonly smoothing: number;
  readonly light: number;
  readonly background: number;
  readonly warmth: number;
  readonly saturation: number;
  readonly clarity: number;
  readonly whitening: number;
}

/** Minimum of each part in every enhancement, so that its effect is visible. */
const BASE: Look = {
  smoothing: 0.4,
  light: 0.4,
  background: 0.15,
  warmth: 0.25,
  saturation: 0.15,
  clarity: 0.2,
  whitening: 0,
};

const WORDS: readonly { readonly words: RegExp; readonly adds: Partial<Look> }[] = [
  { words: /smooth/i, adds: { smoothing: 0.4 } },
  { words: /blemish|acne|\bspots?\b/i, adds: { smoothing: 0.3 } },
  { words: /wrinkle|fine lines|age[- ]reduc|youthful/i, adds: { smoothing: 0.35, light: 0.1, warmth: 0.1 } },
  { words: /teeth|tooth|smile/i, adds: { whitening: 0.8 } },
  { words: /\beyes?\b|catchlight|iris/i, adds: { clarity: 0.4 } },
  { words: /light|exposure|shadow/i, adds: { light: 0.4 } },
  { words: /background|bokeh|depth of field/i, adds: { background: 0.7 } },
  { words: /hair|flyaway/i, adds: { clarity: 0.25, saturation: 0.15 } },
  { words: /make-?up|lip colou?r|contour/i, adds: { saturation: 0.3, warmth: 0.2 } },
  { words: /polish|professional finish/i, adds: { smoothing: 0.2, light: 0.2, background: 0.4, whitening: 0.4 } },
];

const SCALE: Readonly<Record<Intensity, number>> = { subtle: 0.7, moderate: 1, dramatic: 1.5 };

function intensityOf(prompt: string): Intensity {
  const named = /intensity\W+(\w+)/i.exec(prompt)?.[1]?.toLowerCase();
  const isIntensity = (word: string | undefined): word is Intensity => INTENSITIES.some((known) => known === word);
  if (isIntensity(named)) return named;
  const mentioned = /\b(dramatic|moderate|subtle)\b/i.exec(prompt)?.[1]?.toLowerCase();
  return isIntensity(mentioned) ? mentioned : DEFAULT_INTENSITY;
}

/** Returns the effects that a prompt's words request. */
export function lookOf(prompt: string): Look {
  const scale = SCALE[intensityOf(prompt)];
  const adds = WORDS.filter(({ words }) => words.test(prompt)).map((entry) => entry.adds);
  const amount = (part: keyof Look) =>
    Math.min(1, scale * adds.reduce((sum, add) => sum + (add[part] ?? 0), BASE[part]));
  return {
    smoothing: amount("smoothing"),
    light: amount("light"),
    background: amount("background"),
    warmth: amount("warmth"),
    saturation: amount("saturation"),
    clarity: amount("clarity"),
    whitening: amount("whitening"),
  };
}
