import { twinLaneOf } from "@darkroom/config";
import { DEFAULT_PROVIDER, submissionSchema, type Quote, type RecipeInput, type Submission } from "@darkroom/core";
import type { SubmittedBatch } from "../api/api-views.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { readLimits, type LimitOptions } from "../options/limit-options.ts";
import { withOptionName } from "../options/option-names.ts";
import { resolvePlaces, type Places } from "../options/places.ts";
import type { Session } from "../local-stack/session.ts";

/** Options of a batch, except its recipe. */
export interface BatchOptions extends LimitOptions {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly template?: string;
  readonly carry?: readonly string[];
  readonly skipBadRows?: boolean;
  readonly remake?: boolean;
  readonly overwrite?: boolean;
  readonly base?: string;
  readonly manifestSources?: readonly string[];
  readonly name?: string;
  readonly lane?: string;
  readonly twin?: boolean;
}

/** Positional arguments, in addition to the options. */
export interface TypedBatch {
  readonly source: string;
  readonly destination: string;
}

/** A submission, with the local manifest to upload. */
export interface PreparedBatch {
  readonly submission: Submission;
  /** Absolute path. */
  readonly upload: string | undefined;
}

/** Converts a command's arguments to a submission. */
export async function prepareBatch(
  session: Pick<Session, "placeRules">,
  typed: TypedBatch,
  options: BatchOptions,
  recipe: RecipeInput,
): Promise<PreparedBatch> {
  const places = await placesOf(session, typed, options);
  return { submission: toSubmission(places, options, recipe), upload: places.upload };
}

/** Submits the batch of a command's arguments. */
export async function submitBatch(
  { client }: Pick<Session, "client">,
  { submission, upload }: PreparedBatch,
): Promise<SubmittedBatch> {
  return upload === undefined ? await client.submit(submission) : await client.submitManifest(submission, upload);
}

/**
 * Returns a warning if another batch produces the same results; undefined otherwise.
 *
 * @param told batches that were already reported
 */
export function sharedText(
  { id, sharesDestination }: SubmittedBatch,
  told: readonly string[] = [],
): string | undefined {
  const [first, ...others] = sharesDestination.filter((id) => !told.includes(id));
  if (first === undefined) return undefined;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `Batch ${first}${more} writes to the same destination with the same recipe. Results of both are paid once: this batch waits for each photo that the other has already sent. If you did not intend this: darkroom cancel ${id} (this batch), or darkroom cancel ${first}`;
}

/** Quotes the batch of a command's arguments. */
export async function quoteBatch(
  session: Session,
  typed: TypedBatch,
  options: BatchOptions,
  recipe: RecipeInput,
): Promise<Quote> {
  const { submission, upload } = await prepareBatch(session, typed, options, recipe);
  return await session.client.quote(submission, upload);
}

async function placesOf(
  session: Pick<Session, "placeRules">,
  typed: TypedBatch,
  options: BatchOptions,
): Promise<Places> {
  const { base, manifestSources } = options;
  return await resolvePlaces({ ...typed, base, manifestSources }, await session.placeRules());
}

/**
 * Builds a submission from locations and options.
 *
 * @throws CommandError with exit code 2, naming the invalid option
 */
export function toSubmission(places: Places, options: BatchOptions, recipe: RecipeInput): Submission {
  const { upload: _, ...where } = places;
  const { include, exclude, template, carry, skipBadRows, name, twin } = options;
  const overwrite = options.overwrite ?? (options.remake === true ? "other-recipe" : undefined);
  const lane = options.lane ?? (twin === true ? twinLaneOf(recipe.provider ?? DEFAULT_PROVIDER) : undefined);
  const order = { include, exclude, template, carry, skipBadRows, overwrite, name, recipe, lane };
  const wished = { ...where, ...order, ...readLimits(options) };
  const parsed = submissionSchema.safeParse(
    Object.fromEntries(Object.entries(wished).filter(([, value]) => value !== undefined)),
  );
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map(({ path, message }) => {
    return withOptionName(`--${path.join(".") || "submission"}: ${message}.`);
  });
  throw new CommandError(EXIT.usage, sentences.join("\n"));
}
