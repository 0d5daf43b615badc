import { DarkroomError } from "@darkroom/core";
import type { Settings } from "@darkroom/config";
import { createEachSense } from "@darkroom/provider-each-sense";
import type { Provider } from "@darkroom/provider-kit";

/** The adapter behind a lane of these settings. */
export function createProvider(settings: Settings): Provider {
  const { eachSense } = settings.providers;
  if (eachSense === undefined) {
    throw new DarkroomError("invalid_settings", "No provider is set up: set EACHLABS_API_KEY, or run with the twin.");
  }
  const { apiKey, baseUrl, dialect } = eachSense;
  return createEachSense({ apiKey, dialect, ...(baseUrl === undefined ? {} : { baseUrl }) });
}
