import { z } from "zod";
import { formatOfWord } from "./format-words.ts";
import { placeholdersOf } from "../delivery/placeholders.ts";

/** Placeholders of a delivery's template. */
const PLACEHOLDERS = ["delivery", "path", "name", "ext", "id", "index"] as const;
/** At least one of these is required, so that each portrait gets its own key. */
const OWN_PLACEHOLDERS = ["path", "name", "id", "index"] as const;

/** Additional cuts in which a result can be delivered, in px (provider contract, section C). */
export const DELIVERIES = {
  linkedin: { title: "LinkedIn", width: 800, height: 800 },
  website: { title: "Website", width: 600, height: 800 },
  resume: { title: "Résumé", width: 300, height: 300 },
  signature: { title: "E-mail signature", width: 150, height: 150 },
  speaker: { title: "Speaker page", width: 800, height: 800 },
  "team-page": { title: "Team page", width: 500, height: 500 },
} as const satisfies Record<string, { readonly title: string; readonly width: number; readonly height: number }>;

export type DeliveryName = keyof typeof DELIVERIES;

export const DELIVERY_NAMES = Object.keys(DELIVERIES) as [DeliveryName, ...DeliveryName[]];
export const DELIVERY_FORMATS = ["jpeg", "png", "webp"] as const;

/** The default key of a cut; see {@link deliverySchema}. */
const DEFAULT_DELIVERY_TEMPLATE = "{delivery}/{path}.{ext}";
const DEFAULT_DELIVERY_FORMAT = "jpeg";

/** One cut of each result. */
export const deliverySchema = z.strictObject({
  name: z.enum(DELIVERY_NAMES),
  /** Defaults to {@link DEFAULT_DELIVERY_FORMAT}. */
  format: z
    .enum([...DELIVERY_FORMATS, "jpg"])
    .transform(formatOfWord)
    .pipe(z.enum(DELIVERY_FORMATS))
    .optional(),
  /**
   * Template of the cut's key under the destination: `{delivery}`, the result's `{path}` and `{name}`, `{ext}` by
   * format, `{id}`, `{index}`. Defaults to {@link DEFAULT_DELIVERY_TEMPLATE}.
   */
  template: z
    .string()
    .min(1)
    .max(500)
    .refine((template) => placeholdersOf(template).every((name) => isOneOf(PLACEHOLDERS, name)), {
      error: `a delivery's template may contain ${PLACEHOLDERS.map((name) => `{${name}}`).join(", ")} and no other braces`,
    })
    .refine((template) => placeholdersOf(template).some((name) => isOneOf(OWN_PLACEHOLDERS, name)), {
      error:
        "a delivery's template must contain {path}, {name}, {id} or {index}, otherwise all portraits would share one key",
    })
    .optional(),
});

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

export type Delivery = z.infer<typeof deliverySchema>;

/** Returns the file extension of a cut. */
export function deliveryExtension({ format = DEFAULT_DELIVERY_FORMAT }: Delivery): string {
  return format === "jpeg" ? "jpg" : format;
}

/** Returns a delivery's template after substitution of all parts that are the same for every portrait. */
export function placeOfDelivery(delivery: Delivery): string {
  return (delivery.template ?? DEFAULT_DELIVERY_TEMPLATE)
    .replaceAll("{delivery}", delivery.name)
    .replaceAll("{ext}", deliveryExtension(delivery));
}
