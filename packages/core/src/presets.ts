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
