import { readEngineSettings, type Settings } from "@darkroom/config";
import { withoutOwnTwin, type CliEnv } from "../environment/env.ts";

/**
 * Returns the settings without those used only by a running worker.
 *
 * @throws DarkroomError `invalid_settings`
 */
export function readSettings(env: CliEnv): Settings {
  return readEngineSettings(withoutOwnTwin(env));
}

/** Returns the settings, or an empty object if they are invalid. A separate check reports invalid settings. */
export function readable(env: CliEnv): Partial<Settings> {
  try {
    return readSettings(env);
  } catch {
    return {};
  }
}
