import { probablyMeant } from "@darkroom/core";
import { SETTINGS } from "./catalogue.ts";
import type { Environment } from "./read-environment.ts";

/** Prefixes of variables that only the simulator and the tests read. */
const OTHER_PREFIXES = ["DARKROOM_TWIN_", "DARKROOM_TEST_"];

/**
 * Returns a sentence for each variable whose `DARKROOM_` prefix is misspelt, such as `DARKROM_ATTEMPTS`. Only for files
 * meant for Darkroom, because elsewhere such a variable may belong to another program.
 */
export function misspeltVariables(names: readonly string[]): ReadonlyMap<string, string> {
  const settings = Object.keys(SETTINGS);
  const others = names.filter((name) => !name.startsWith("DARKROOM_") && !settings.includes(name));
  return new Map(
    others.flatMap((name) => {
      const similar = probablyMeant(name, settings);
      return similar === undefined ? [] : [[name, `${name} is not a setting of Darkroom; did you mean ${similar}?`]];
    }),
  );
}

/**
 * Returns a sentence for each `DARKROOM_…` variable that is not a setting, with the setting that was probably meant.
 * Otherwise a misspelt variable would silently leave its default in place.
 */
export function unknownVariables(environment: Environment): readonly string[] {
  const settings = Object.keys(SETTINGS);
  return Object.keys(environment)
    .filter((name) => name.startsWith("DARKROOM_") && !settings.includes(name))
    .filter((name) => !OTHER_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .map((name) => {
      const similar = probablyMeant(name, settings);
      const hint = similar === undefined ? "" : `; did you mean ${similar}?`;
      return `${name} is not a setting of Darkroom and is ignored${hint}`;
    });
}
