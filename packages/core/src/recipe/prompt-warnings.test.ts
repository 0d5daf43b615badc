import { expect, test } from "vitest";
import { MAX_PROMPT_CHARS, PRESET_NAMES, PRESETS, promptWarnings } from "../index.ts";

test.each([
  "Make her face slimmer",
  "slimmer face",
  "give him a smaller nose",
  "bigger eyes please",
  "make the eyes bigger",
  "enlarge eyes",
  "eyes larger",
  "nose should be smaller",
  "sharper jawline",
  "Define a stronger jawline",
  "Reshape the jawline",
  "a narrower chin",
  "V-shaped face",
  "raise the cheekbones",
  "Give her higher cheekbones",
  "Give her big eyes",
  "fuller lips",
  "plump up the lips",
  "Slim down the cheeks",
  "straighten the nose",
  "Change the shape of the eyes",
  "remove the double chin",
  "make her look thinner",
  "make the face more symmetrical",
  "face swap",
  "swap the face with a model's",
  "different person",
  "turn her into a different woman",
  "make him look like Brad Pitt",
  "Keep the hair but make the nose smaller",
  "Do not touch the hair, but slim the face",
  "Make the face thinner and no blemishes",
  "Smooth the skin without losing pores, and slim the face",
])("warns about %j", (text) => {
  expect(promptWarnings(text)).toEqual([expect.stringContaining("facial structure")]);
});

test.each([
  "Do not change the face",
  "The face must not change",
  "Keep the jawline as it is",
  "keep the jawline",
  "leave the nose as it is",
  "Retain the shape of the nose",
  "Keep the bigger eyes as they are",
  "Do not slim the face, enlarge the eyes or lift the cheeks",
  "Warm the light. Never make the nose smaller.",
  "Avoid a different person look",
  "Smooth the skin and brighten the eyes",
  "sharper eyes",
  "Soften shadows under the chin",
  "Lift the shadows on the face",
  "Make the face brighter",
  "Make the face look natural",
  "change the light on her face",
  "Change the face's exposure",
  "Larger catchlights in the eyes",
  "Longer hair framing the face",
  "Remove small blemishes from the face",
  "Soften thin lines around the eyes",
  "thin out the beard on the chin",
  "Replace the background behind the head",
  "Make the body of the jacket darker",
  "large eyes stay large",
])("does not warn about %j", (text) => {
  expect(promptWarnings(text)).toEqual([]);
});

test("does not warn about the presets' own texts", () => {
  for (const name of PRESET_NAMES) expect(promptWarnings(PRESETS[name].instructions)).toEqual([]);
});

test("warns that a very long prompt may be cut", () => {
  expect(promptWarnings("x".repeat(MAX_PROMPT_CHARS))).toEqual([expect.stringContaining("may be cut")]);
  expect(promptWarnings("x".repeat(1_000))).toEqual([]);
});

test("returns quickly for the longest prompts", () => {
  for (const text of ["the ", "make the face ", "eyes to be ", "slim the the ", "give a b "]) {
    const startedAt = performance.now();
    promptWarnings(text.repeat(Math.floor(MAX_PROMPT_CHARS / text.length)));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  }
});
