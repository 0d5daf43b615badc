import { readEngineSettings, type Environment, type Settings } from "@darkroom/config";

/**
 * Reads the API's settings from the environment.
 *
 * @throws DarkroomError `invalid_settings`, naming every invalid variable
 */
export function readEnv(environment: Environment): Settings {
  return readEngineSettings(environment);
}
