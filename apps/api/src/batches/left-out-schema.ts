import { z } from "zod";
import { LEFT_OUT_KINDS, type LeftOut } from "@darkroom/core";
import { named } from "../http/schema-names.ts";

/** Core's `LeftOut` as returned by the API. */
export const leftOutSchema = z
  .array(
    named(
      "LeftOutPart",
      z.object({
        kind: z.enum(LEFT_OUT_KINDS),
        count: z.int().min(1).describe("An unopened folder counts once."),
        examples: z
          .array(z.string())
          .readonly()
          .describe("The first names, at most 10; a folder's name ends with a slash."),
      }),
    ),
  )
  .readonly()
  .describe("Files that a prefix's listing left out, by type; empty for a manifest.") satisfies z.ZodType<LeftOut>;
