import { readEngineSettings, type Environment, type Settings } from "@darkroom/config";

/**
 * The API's settings from the environment.
 *
 * @throws DarkroomError `invalid_settings`, naming every variable that is wrong
 */
export function readEnv(environment: Environment): Settings {
  return readEngineSettings(environment);
}
