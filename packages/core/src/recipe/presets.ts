/** The ten enhancements, named as in the provider contract, section C. */
export const PRESET_NAMES = [
  "skin-smoothing",
  "teeth-whitening",
  "eye-enhancement",
  "blemish-removal",
  "lighting-adjustment",
  "background-blur",
  "hair-enhancement",
  "makeup-enhancement",
  "age-reduction",
  "professional-polish",
] as const;

export type PresetName = (typeof PRESET_NAMES)[number];

export interface Preset {
  /** Display name. */
  readonly title: string;
  /** The enhancement as named in the prompt. */
  readonly enhancement: string;
  readonly instructions: string;
  readonly preserve: readonly string[];
  readonly outcome: string;
}

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  "skin-smoothing": {
    title: "Skin smoothing",
    enhancement: "natural skin smoothing",
    instructions:
      "Even out blotches, shine and harsh lines. Leave pores and fine texture visible, above all around eyes and lips; nothing may look like plastic.",
    preserve: ["skin texture", "freckles and beauty marks"],
    outcome: "rested and fresh",
  },
  "teeth-whitening": {
    title: "Teeth whitening",
    enhancement: "gentle teeth whitening",
    instructions:
      "Take yellow and stains out of the teeth, by a shade or two and no more. Leave gums, lips and everything else alone; if no teeth are seen, change nothing there.",
    preserve: ["the shape and gaps of the teeth", "the smile"],
    outcome: "bright and believable, never glaring white",
  },
  "eye-enhancement": {
    title: "Eye enhancement",
    enhancement: "eye enhancement",
    instructions: "Clear redness, lighten shadows under the eyes, bring out the iris and a small natural catchlight.",
    preserve: ["eye colour", "eye shape and size", "glasses"],
    outcome: "awake and clear-eyed",
  },
  "blemish-removal": {
    title: "Blemish removal",
    enhancement: "blemish removal",
    instructions:
      "Take out pimples, scratches, razor marks and other things that pass. Rebuild the skin's texture where they were.",
    preserve: ["moles and beauty marks", "permanent scars and freckles"],
    outcome: "clean and unretouched",
  },
  "lighting-adjustment": {
    title: "Lighting adjustment",
    enhancement: "lighting correction",
    instructions:
      "Soften hard shadows, bring back bright patches on forehead and nose, balance exposure and white balance as soft studio light would.",
    preserve: ["the direction of the light", "the true skin tone"],
    outcome: "evenly and softly lit",
  },
  "background-blur": {
    title: "Background blur",
    enhancement: "background blur",
    instructions:
      "Blur what lies behind the person as a fast portrait lens does, stronger with distance. The person stays sharp, hair edges and glasses included.",
    preserve: ["everything about the person", "what the background shows"],
    outcome: "shot with shallow depth of field",
  },
  "hair-enhancement": {
    title: "Hair enhancement",
    enhancement: "hair enhancement",
    instructions: "Calm single flyaway hairs, add a healthy shine and a little depth to the colour.",
    preserve: ["hairstyle and length", "hair colour", "the hairline"],
    outcome: "well groomed",
  },
  "makeup-enhancement": {
    title: "Makeup enhancement",
    enhancement: "natural makeup enhancement",
    instructions:
      "Refine the makeup that is there: even base, defined brows, soft lip colour, light lashes. Where none is worn, stay at a bare minimum.",
    preserve: ["the person's own style", "skin texture"],
    outcome: "discreetly made up",
  },
  "age-reduction": {
    title: "Age reduction",
    enhancement: "subtle age reduction",
    instructions:
      "Soften fine lines and the shadows under the eyes and give the skin a healthy glow, as after a good night's sleep.",
    preserve: ["character lines", "apparent age within a few years"],
    outcome: "well rested, the same person on a good day",
  },
  "professional-polish": {
    title: "Professional polish",
    enhancement: "a complete professional finish",
    instructions:
      "Smooth the skin lightly, take out passing blemishes, brighten eyes and teeth a little, tidy stray hairs, balance the light as in a studio and soften the background gently.",
    preserve: ["skin texture", "beauty marks", "clothing"],
    outcome: "polished and authentic",
  },
};
