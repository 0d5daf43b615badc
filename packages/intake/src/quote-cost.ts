import {
  microRounded,
  portraitPriceUsd,
  recipeFor,
  TURN_SECONDS,
  type Mode,
  type PortraitRow,
  type PriceTable,
  type ProviderName,
  type QuotedCost,
  type QuotedTime,
  type Recipe,
} from "@darkroom/core";

/** Limits of a lane. */
export interface LaneLimits {
  /** Concurrent calls. */
  readonly concurrency: number;
  /** Calls per minute; unlimited if absent. */
  readonly ratePerMinute?: number;
}

interface Kind {
  readonly recipe: Recipe;
  portraits: number;
}

/** Counts portraits by mode and number of turns, which determine their price. */
export class WorkCount {
  readonly #recipe: Recipe;
  readonly #kinds = new Map<string, Kind>();

  constructor(recipe: Recipe) {
    this.#recipe = recipe;
  }

  add(row: PortraitRow): void {
    const { mode = this.#recipe.mode, prompt, preset } = row;
    const key = `${mode}/${prompt === undefined && preset === undefined ? "steps" : "one"}`;
    const kind = this.#kinds.get(key);
    if (kind === undefined) this.#kinds.set(key, { recipe: recipeFor(this.#recipe, row), portraits: 1 });
    else kind.portraits += 1;
  }

  /**
   * Returns the highest cost if a fallback may process the batch: the cost with the more expensive provider, if both
   * have prices.
   */
  dearestCost(fallback: ProviderName | undefined, prices: PriceTable): QuotedCost {
    const own = this.cost(prices);
    if (fallback === undefined || own.usd === null) return own;
    const other = this.cost(prices, fallback);
    return other.usd === null || other.usd > own.usd ? other : own;
  }

  /** Returns the cost when each turn is paid once. */
  cost(prices: PriceTable, provider = this.#recipe.provider): QuotedCost {
    const parts = this.#modes().map((mode) => {
      const kinds = [...this.#kinds.values()].filter(({ recipe }) => recipe.mode === mode);
      const turns = sum(kinds, ({ recipe, portraits }) => recipe.steps.length * portraits);
      const costs = kinds.map(({ recipe, portraits }) => {
        const each = portraitPriceUsd({ ...recipe, provider }, prices);
        return each === undefined ? undefined : each * portraits;
      });
      const usd = costs.includes(undefined) ? null : microRounded(sum(costs, (cost) => cost ?? 0));
      return { mode, portraits: sum(kinds, ({ portraits }) => portraits), turns, usd };
    });
    const unpriced = parts.filter(({ usd }) => usd === null).map(({ mode }) => mode);
    if (unpriced.length === 0) return { usd: microRounded(sum(parts, ({ usd }) => usd ?? 0)), message: null, parts };
    const modes = provider === "each-sense" ? ` in the mode ${unpriced.join(" and ")}` : "";
    const message = `There is no price for ${provider}${modes}: set DARKROOM_PRICES where the API runs.`;
    return { usd: null, message, parts };
  }

  /** Returns the duration when no other batch uses the lane and nothing is retried. */
  time({ concurrency, ratePerMinute }: LaneLimits): QuotedTime {
    const limits = { concurrency, ratePerMinute: ratePerMinute ?? null };
    const { provider } = this.#recipe;
    const known = TURN_SECONDS[provider];
    if (known === undefined) {
      const message = `The duration of a call at ${provider} is unknown.`;
      return { minSeconds: null, maxSeconds: null, message, ...limits };
    }
    const kinds = [...this.#kinds.values()];
    const turns = sum(kinds, ({ recipe, portraits }) => recipe.steps.length * portraits);
    const longest = Math.max(0, ...kinds.map(({ recipe }) => recipe.steps.length));
    if (turns === 0) return { minSeconds: 0, maxSeconds: 0, message: null, ...limits };
    const lastCallSeconds = callSeconds(turns, ratePerMinute);
    const fullSeconds = callSeconds(Math.min(turns, concurrency), ratePerMinute);
    const waves = sum([...new Set(kinds.map(({ recipe }) => recipe.steps.length))], (steps) => {
      const alike = kinds.filter(({ recipe }) => recipe.steps.length === steps);
      return Math.ceil(sum(alike, ({ portraits }) => portraits) / concurrency) * steps;
    });
    const fastest = Math.max(Math.ceil(turns / concurrency), longest) * known.min;
    const slowest = waves * known.max + fullSeconds;
    return {
      minSeconds: Math.ceil(Math.max(fastest, lastCallSeconds + known.min)),
      maxSeconds: Math.ceil(Math.max(slowest, lastCallSeconds + known.max)),
      message: null,
      ...limits,
    };
  }

  #modes(): readonly Mode[] {
    return [...new Set([...this.#kinds.values()].map(({ recipe }) => recipe.mode))];
  }
}

/** Returns when the lane's rate admits the nth call, in seconds. Calls of one second may start in a burst. */
function callSeconds(nth: number, ratePerMinute: number | undefined): number {
  return ratePerMinute === undefined ? 0 : Math.max(0, ((nth - 1) * 60) / ratePerMinute - 1);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
