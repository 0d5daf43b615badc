import { z } from "zod";
import { INTENSITIES, MODES, PRESET_NAMES, PROVIDERS, recipeChoices, USE_CASES } from "@darkroom/core";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import type { ApiServer } from "../services.ts";

const presetsSchema = z.object({
  presets: z.array(
    z.object({
      name: z.enum(PRESET_NAMES),
      title: z.string(),
      outcome: z.string().describe("The look of pictures with this preset."),
    }),
  ),
  modes: z.array(z.enum(MODES)),
  intensities: z.array(z.enum(INTENSITIES)),
  defaultIntensity: z.enum(INTENSITIES),
  useCases: z.array(z.enum(USE_CASES)),
  defaultUseCase: z.enum(USE_CASES),
  providers: z.array(z.enum(PROVIDERS)).describe("The configured providers."),
});

/** The route for the choices of a recipe. */
export async function presetRoutes(app: ApiServer): Promise<void> {
  app.get(
    "/presets",
    {
      config: { scope: "read" },
      schema: {
        operationId: "listPresets",
        summary: "List the choices of a recipe",
        tags: ["presets"],
        response: { 200: answer("The names", presetsSchema), ...problems(401) },
      },
    },
    async (): Promise<z.infer<typeof presetsSchema>> => ({
      ...recipeChoices(),
      providers: PROVIDERS.filter((provider) => app.services.lanes[provider] !== undefined),
    }),
  );
}
