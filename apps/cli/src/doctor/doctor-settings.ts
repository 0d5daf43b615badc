import { readEngineSettings, type Settings } from "@darkroom/config";
import { withoutOwnTwin, type CliEnv } from "../environment/env.ts";

/**
 * The settings, without those that only a running worker needs.
 *
 * @throws DarkroomError `invalid_settings`
 */
export function readSettings(env: CliEnv): Settings {
  return readEngineSettings(withoutOwnTwin(env));
}

/** The settings if they are valid; a separate check reports invalid ones. */
export function readable(env: CliEnv): Partial<Settings> {
  try {
    return readSettings(env);
  } catch {
    return {};
  }
}
