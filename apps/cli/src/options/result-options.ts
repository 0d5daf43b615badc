import { InvalidArgumentError, Option } from "commander";
import { REVIEW_STATES, type ReviewState } from "@darkroom/core";
import { CommandError, EXIT } from "../exit-codes.ts";

/** The options that select results. */
export interface ResultOptions {
  readonly portrait?: readonly string[];
  readonly index?: readonly number[];
  readonly only?: ReviewState;
  readonly all?: boolean;
}

/** The selection in the form of a request's fields. */
export interface SelectedResults {
  readonly ids?: readonly string[];
  readonly indexes?: readonly number[];
  readonly where?: { readonly review?: readonly ReviewState[] };
}

/** Returns the options that select results. */
export function resultOptions(): readonly Option[] {
  return [
    new Option("--portrait <id...>", "those with these ids of the manifest").conflicts(["index", "all", "only"]),
    new Option("--index <number...>", "those with these numbers, from 0")
      .argParser(readIndex)
      .conflicts(["all", "only"]),
    new Option("--only <decision>", "those with this decision").choices(REVIEW_STATES).conflicts("all"),
    new Option("--all", "every result"),
  ];
}

function readIndex(text: string, before: readonly number[] | undefined): readonly number[] {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 0.");
  return [...(before ?? []), Number(text)];
}

/** @throws CommandError if nothing is selected */
export function selectedResults({ portrait, index, only, all }: ResultOptions, what: string): SelectedResults {
  if (portrait !== undefined) return { ids: portrait };
  if (index !== undefined) return { indexes: index };
  if (only !== undefined) return { where: { review: [only] } };
  if (all === true) return { where: {} };
  throw new CommandError(EXIT.usage, `Name the results to ${what}: --portrait, --index, --only or --all.`);
}
