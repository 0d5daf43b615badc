/** Where the set-up of a test run leaves what the tests ask for; the processes of a run inherit it. */
export const REDIS_URL_VARIABLE = "DARKROOM_TEST_REDIS_URL";
/** JSON of the settings, or a sentence that says why there are none. */
export const S3_VARIABLE = "DARKROOM_TEST_S3_SETTINGS";
/** `off`: a developer who runs one package can do without. */
export const S3_SWITCH_VARIABLE = "DARKROOM_TEST_S3";

/** An empty variable is an unset one. */
export function environmentValue(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}
