import { z } from "zod";

/** What a delivery's template may ask for. */
const PLACEHOLDERS = ["delivery", "path", "name", "ext", "id", "index"] as const;
/** One of these makes a template give each portrait a key of its own. */
const OWN_PLACEHOLDERS = ["path", "name", "id", "index"] as const;

/** The cuts that a result can be delivered in besides, in px (provider contract, section C). */
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

/** Where a cut goes when nobody says otherwise; see {@link deliverySchema}. */
const DEFAULT_DELIVERY_TEMPLATE = "{delivery}/{path}.{ext}";
const DEFAULT_DELIVERY_FORMAT = "jpeg";

/** One cut of each result. */
export const deliverySchema = z.strictObject({
  name: z.enum(DELIVERY_NAMES),
  /** Defaults to {@link DEFAULT_DELIVERY_FORMAT}. */
  format: z.enum(DELIVERY_FORMATS).optional(),
  /**
   * Template of its key under the destination: `{delivery}` and the result's own `{path}` and `{name}`, `{ext}` as the
   * format has it, `{id}`, `{index}`. Defaults to {@link DEFAULT_DELIVERY_TEMPLATE}.
   */
  template: z
    .string()
    .min(1)
    .max(500)
    .refine((template) => placeholdersOf(template).every((name) => isOneOf(PLACEHOLDERS, name)), {
      error: `a delivery's template may hold ${PLACEHOLDERS.map((name) => `{${name}}`).join(", ")} and nothing else in braces`,
    })
    .refine((template) => placeholdersOf(template).some((name) => isOneOf(OWN_PLACEHOLDERS, name)), {
      error: "a delivery's template must hold {path}, {name}, {id} or {index}, or all portraits would go to one place",
    })
    .optional(),
});

function placeholdersOf(template: string): readonly string[] {
  return [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

export type Delivery = z.infer<typeof deliverySchema>;

/** The file extension of a cut. */
export function deliveryExtension({ format = DEFAULT_DELIVERY_FORMAT }: Delivery): string {
  return format === "jpeg" ? "jpg" : format;
}

/** A delivery's template with all filled in that is the same for each portrait. */
export function placeOfDelivery(delivery: Delivery): string {
  return (delivery.template ?? DEFAULT_DELIVERY_TEMPLATE)
    .replaceAll("{delivery}", delivery.name)
    .replaceAll("{ext}", deliveryExtension(delivery));
}
