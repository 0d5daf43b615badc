import {
  DarkroomError,
  DEFAULT_BREAKER,
  dearestPortraitPriceUsd,
  hasModes,
  PRICE_TABLE_EXAMPLE,
  possibleKinds,
  whyDearest,
  rowsChoose,
  type BatchSource,
  type Breaker,
  type Control,
  type Fallback,
  type PriceTable,
  type Recipe,
  type Submission,
} from "@darkroom/core";

/**
 * Returns the limits that a submission sets against unintended costs.
 *
 * @param deployed the configured failure breaker, for settings that the submission omits
 * @param fallback the result of `checkSubmission`
 * @returns undefined when the submission sets none
 * @throws DarkroomError `invalid_input` with the invalid field
 */
export function controlOf(
  submission: Submission,
  now: Date,
  deployed: Breaker | false,
  fallback?: Fallback,
): Control | undefined {
  const { confirm, pilot, maxCostUsd, breaker, between, timeZone, deadline } = submission;
  if (between !== undefined && timeZone === undefined) {
    throw bad("timeZone", `hours need a time zone: give the zone for "${between}", such as "Europe/Berlin"`);
  }
  if (between === undefined && timeZone !== undefined) {
    throw bad("between", 'a time zone alone has no effect; give the hours too, such as "22:00-06:00"');
  }
  if (deadline !== undefined && Date.parse(deadline) <= now.getTime()) {
    throw bad("deadline", `the deadline ${deadline} has passed; no portrait would start`);
  }
  const control: Control = {
    ...(confirm === true ? { confirm } : {}),
    ...(pilot === undefined ? {} : { pilot }),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...(breaker === undefined
      ? {}
      : { breaker: breaker === false ? false : wholeBreaker(breaker, deployed || DEFAULT_BREAKER) }),
    ...(between === undefined || timeZone === undefined ? {} : { window: { hours: between, timeZone } }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(fallback === undefined ? {} : { fallback }),
  };
  return Object.keys(control).length === 0 ? undefined : control;
}

function wholeBreaker(wished: Exclude<Submission["breaker"], false | undefined>, deployed: Breaker): Breaker {
  const { minimum, failurePercent } = wished === true ? deployed : wished;
  return {
    minimum: minimum ?? deployed.minimum,
    failurePercent: failurePercent ?? deployed.failurePercent,
  };
}

/**
 * Checks that a budget is enforceable and covers the most expensive possible portrait. This portrait has the most
 * expensive mode that rows may choose, and the more expensive of the two providers if there is a fallback.
 *
 * @throws DarkroomError `invalid_input` when there is no price, or the budget does not cover one portrait
 */
export function checkBudget(
  control: Control | undefined,
  recipe: Recipe,
  prices: PriceTable,
  source: Pick<BatchSource, "kind">,
): void {
  const { maxCostUsd, fallback } = control ?? {};
  if (maxCostUsd === undefined) return;
  const price = dearestPortraitPriceUsd(recipe, fallback?.provider, prices, possibleKinds({ source }));
  if (price === undefined) {
    const providers = [recipe.provider, fallback?.provider].filter((name) => name !== undefined);
    const modes = rowsChoose(source) ? "each mode, because rows may choose any" : `the mode ${recipe.mode}`;
    const wanted = providers.map((name) => (hasModes(name) ? `${name} in ${modes}` : name)).join(" or ");
    throw bad(
      "maxCostUsd",
      `there is no price for ${wanted}, so a budget could not be enforced; set DARKROOM_PRICES, for instance ${PRICE_TABLE_EXAMPLE}`,
    );
  }
  if (price > maxCostUsd) {
    const why = whyDearest(recipe, prices, price, { source });
    const instead = why === "" ? "" : ", or submit a list without a column mode";
    throw bad(
      "maxCostUsd",
      `one portrait may cost ${price} USD${why}, which is more than the whole budget of ${maxCostUsd}; give at least ${price} USD${instead}`,
    );
  }
}

function bad(field: string, message: string): DarkroomError {
  return new DarkroomError("invalid_input", `${field}: ${message}.`, { field });
}
