import { z } from "zod";

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
export const DEFAULT_DELIVERY_TEMPLATE = "{delivery}/{path}.{ext}";
export const DEFAULT_DELIVERY_FORMAT = "jpeg";

/** One cut of each result. */
export const deliverySchema = z.strictObject({
  name: z.enum(DELIVERY_NAMES),
  /** Defaults to {@link DEFAULT_DELIVERY_FORMAT}. */
  format: z.enum(DELIVERY_FORMATS).optional(),
  /**
   * Template of its key under the destination: `{delivery}` and the result's own `{path}` and `{name}`, `{ext}` as the
   * format has it, `{id}`, `{index}`. Defaults to {@link DEFAULT_DELIVERY_TEMPLATE}.
   */
  template: z.string().min(1).max(500).optional(),
});

export type Delivery = z.infer<typeof deliverySchema>;
