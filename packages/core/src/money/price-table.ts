import { z } from "zod";

const usd = z.number({ error: "must be a number of USD, 0 or more" }).min(0, "must be a number of USD, 0 or more");

/** Builds an object schema with only these prices, all optional. */
function prices<Shape extends z.core.$ZodLooseShape>(shape: Shape, what: string) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `does not support ${issue.keys.join(", ")}: ${what}`
        : `must be an object: ${what}`,
  });
}

/**
 * Provider prices in USD, from the configuration.
 *
 * each::sense is paid per turn, by mode. Phota has no modes and is paid per picture. `image` is the price of one
 * picture. `images` is the price of a call for several, if it is not a multiple of `image`.
 */
export const priceTableSchema = prices(
  {
    "each-sense": prices(
      { max: usd.optional(), eco: usd.optional() },
      "it takes max and eco, in USD a turn",
    ).optional(),
    phota: prices(
      {
        image: usd.optional(),
        images: prices(
          { "1": usd.optional(), "2": usd.optional(), "3": usd.optional(), "4": usd.optional() },
          "it takes the prices of calls for 1 to 4 pictures",
        ).optional(),
      },
      "it takes image, in USD a picture, and images, in USD a call by the count of its pictures",
    ).optional(),
  },
  "it takes each-sense and phota",
);

export type PriceTable = Readonly<z.infer<typeof priceTableSchema>>;

/** An example of a price table, for messages. */
export const PRICE_TABLE_EXAMPLE = '{"each-sense":{"max":0.2,"eco":0.05},"phota":{"image":0.1}}';

/**
 * Parses a price table from JSON.
 *
 * @returns the table, or a message about the problem in the text
 */
export function readPriceTable(text: string): { readonly table: PriceTable } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: "it is not JSON" };
  }
  const parsed = priceTableSchema.safeParse(value);
  if (parsed.success) return { table: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => {
    const where = path.length === 0 ? "the table" : path.join(".");
    return `${where} ${message}`;
  });
  return { problem: problems.join("; ") };
}
