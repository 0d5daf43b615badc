import { readEngineSettings } from "@darkroom/config";

/** The one place where this app reads its environment. */
export const settings = readEngineSettings(process.env);
