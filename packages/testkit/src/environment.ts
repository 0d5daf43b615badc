/** Variables through which the set-up passes its results to the processes of the test run. */
export const REDIS_URL_VARIABLE = "DARKROOM_TEST_REDIS_URL";
/** JSON of the settings, or a sentence that explains why there is no server. */
export const S3_VARIABLE = "DARKROOM_TEST_S3_SETTINGS";
/** `off` skips the S3 server, for runs of a single package. */
export const S3_SWITCH_VARIABLE = "DARKROOM_TEST_S3";

/** An empty variable counts as unset. */
export function environmentValue(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}
