import { probablyMeant } from "@darkroom/core";
import { SETTINGS } from "./catalogue.ts";
import type { Environment } from "./read-environment.ts";

/** Variables with these prefixes belong to the simulator and to the tests, which read them themselves. */
const OTHER_PREFIXES = ["DARKROOM_TWIN_", "DARKROOM_TEST_"];

/**
 * Names each of Darkroom's own that is misspelt so that it has no longer its prefix, as `DARKROM_ATTEMPTS`, one sentence
 * a variable. For the variables of a file that is there for Darkroom: elsewhere they may be another program's.
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
 * Names each `DARKROOM_…` variable that no setting has, one sentence a variable, with the setting that was probably
 * meant. A misspelt variable would otherwise leave its default in place without a word.
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
