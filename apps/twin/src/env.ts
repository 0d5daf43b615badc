import { DarkroomError } from "@darkroom/core";
import { z } from "zod";
import { DEFAULT_LATENCY_MS, type Latency } from "./latency.ts";
import { TWIN_API_KEY, type TwinOptions } from "./twin-options.ts";

export const DEFAULT_TWIN_PORT = 4_790;

/** Written as `3000` or `5000-20000`. */
const latencySchema = z
  .string()
  .regex(/^\d+(-\d+)?$/, { error: "expected milliseconds, for instance 3000 or 5000-20000" })
  .transform((text): Latency => {
    const [minMs = 0, maxMs = minMs] = text.split("-").map(Number);
    return [minMs, maxMs];
  });

/** Written as `anna,ben`. */
const profilesSchema = z.string().transform((text) =>
  text
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== ""),
);

const envSchema = z.object({
  DARKROOM_TWIN_PORT: z.coerce.number().int().min(0).max(65_535).default(DEFAULT_TWIN_PORT),
  DARKROOM_TWIN_HOST: z.string().default("127.0.0.1"),
  DARKROOM_TWIN_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  DARKROOM_TWIN_KEY: z.string().default(TWIN_API_KEY),
  DARKROOM_TWIN_LATENCY_MS: latencySchema.default(DEFAULT_LATENCY_MS),
  DARKROOM_TWIN_CLOCK: z.coerce.number().positive().default(1),
  DARKROOM_TWIN_SEED: z.string().default("twin"),
  DARKROOM_TWIN_WORK: z.enum(["full", "light"]).default("full"),
  DARKROOM_TWIN_FAULT_RATE: z.coerce.number().min(0).max(1).default(0),
  DARKROOM_TWIN_PROFILES: profilesSchema.optional(),
});

/**
 * Reads the simulator's settings from the environment. An empty variable counts as unset.
 *
 * @throws DarkroomError `invalid_settings`, naming every invalid variable
 */
export function readEnv(env: Readonly<Record<string, string | undefined>>): TwinOptions {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = envSchema.safeParse(set);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new DarkroomError("invalid_settings", `The twin's settings are invalid.\n  ${problems.join("\n  ")}`);
  }
  const values = parsed.data;
  return {
    port: values.DARKROOM_TWIN_PORT,
    host: values.DARKROOM_TWIN_HOST,
    ...(values.DARKROOM_TWIN_PUBLIC_URL === undefined ? {} : { publicUrl: values.DARKROOM_TWIN_PUBLIC_URL }),
    apiKey: values.DARKROOM_TWIN_KEY,
    latencyMs: values.DARKROOM_TWIN_LATENCY_MS,
    clock: values.DARKROOM_TWIN_CLOCK,
    seed: values.DARKROOM_TWIN_SEED,
    work: values.DARKROOM_TWIN_WORK,
    ...(values.DARKROOM_TWIN_FAULT_RATE === 0 ? {} : { randomFaults: { rate: values.DARKROOM_TWIN_FAULT_RATE } }),
    ...(values.DARKROOM_TWIN_PROFILES === undefined ? {} : { profiles: values.DARKROOM_TWIN_PROFILES }),
  };
}
