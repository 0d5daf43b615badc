import { readEngineSettings } from "@darkroom/config";

/** The only place where this app reads its environment. */
export const settings = readEngineSettings(process.env);
