import { readEngineSettings, type Settings } from "@darkroom/config";
import { withoutOwnTwin, type CliEnv } from "../environment/env.ts";

/**
 * The settings, without what only a running worker needs.
 *
 * @throws DarkroomError `invalid_settings`
 */
export function readSettings(env: CliEnv): Settings {
  return readEngineSettings(withoutOwnTwin(env));
}

/** The settings where they can be read; a check of its own tells where they cannot. */
export function readable(env: CliEnv): Partial<Settings> {
  try {
    return readSettings(env);
  } catch {
    return {};
  }
}
