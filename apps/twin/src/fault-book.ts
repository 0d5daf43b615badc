import { z } from "zod";
import { faultSchema, type Fault, type FaultInput, type FaultKind } from "./fault.ts";
import { seededFraction } from "./seeded-fraction.ts";

const ruleSchema = z.strictObject({
  match: z
    .strictObject({
      /** Part of the portrait's name. Defaults to any. */
      portrait: z.string().optional(),
      /** Part of the session id. Defaults to any. */
      session: z.string().optional(),
      /** Number of the portrait's call, from 1. Defaults to every call. */
      call: z.union([z.int().min(1), z.literal("every")]).default("every"),
    })
    .default({ call: "every" }),
  fault: faultSchema,
});

const randomSchema = z.strictObject({
  /** Share of calls that fail, 0 to 1. */
  rate: z.number().min(0).max(1),
  kinds: z.array(faultSchema).min(1).optional(),
});

/** The body of `POST /_twin/faults`. */
export const faultPlanSchema = z.strictObject({
  rules: z.array(ruleSchema).optional(),
  random: randomSchema.optional(),
});

export interface FaultMatch {
  readonly portrait?: string | undefined;
  readonly session?: string | undefined;
  readonly call?: number | "every" | undefined;
}

export interface FaultRuleInput {
  readonly match?: FaultMatch | undefined;
  readonly fault: FaultInput;
}

/** Random faults. The affected calls depend only on the simulator's seed, never on timing. */
export interface RandomFaults {
  readonly rate: number;
  /** Defaults to {@link RANDOM_FAULT_KINDS}, all equally likely. */
  readonly kinds?: readonly FaultInput[] | undefined;
}

/** The default random faults: typical problems that retries overcome. */
export const RANDOM_FAULT_KINDS: readonly FaultKind[] = [
  "http",
  "reset",
  "reset_after_accept",
  "cut_after_events",
  "cut_after_generation",
  "cut_mid_event",
  "error_event",
  "split_utf8",
  "crlf",
];

/** Faults that are properties of the photo. Once such a photo is refused at random, every later call is refused. */
const LASTING: ReadonlySet<FaultKind> = new Set<FaultKind>(["content_policy", "no_face"]);

export interface CallIdentity {
  readonly portrait: string;
  readonly session: string;
  /** From 1. Counts the portrait's calls that reached the agent. */
  readonly call: number;
}

/** Decides which call gets which fault. The first matching rule wins. Random faults apply only if no rule matches. */
export class FaultBook {
  readonly #seed: string;
  #rules: z.output<typeof ruleSchema>[] = [];
  #random: { rate: number; kinds: readonly Fault[] } | undefined;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Appends rules. */
  add(...rules: readonly FaultRuleInput[]): void {
    this.#rules.push(...rules.map((rule) => ruleSchema.parse(rule)));
  }

  /** Sets the random faults, or none. */
  random(faults: RandomFaults | undefined): void {
    if (faults === undefined) {
      this.#random = undefined;
      return;
    }
    const { rate, kinds } = randomSchema.parse(faults);
    this.#random = { rate, kinds: kinds ?? RANDOM_FAULT_KINDS.map((kind) => faultSchema.parse(kind)) };
  }

  /** Removes all rules and random faults. */
  clear(): void {
    this.#rules = [];
    this.#random = undefined;
  }

  decide(identity: CallIdentity): Fault | undefined {
    const rule = this.#rules.find(
      ({ match }) =>
        (match.portrait === undefined || identity.portrait.includes(match.portrait)) &&
        (match.session === undefined || identity.session.includes(match.session)) &&
        (match.call === "every" || match.call === identity.call),
    );
    if (rule !== undefined) return rule.fault;
    for (let call = 1; call < identity.call; call += 1) {
      const before = this.#byChance(identity.portrait, call);
      if (before !== undefined && LASTING.has(before.kind)) return before;
    }
    return this.#byChance(identity.portrait, identity.call);
  }

  #byChance(portrait: string, call: number): Fault | undefined {
    if (this.#random === undefined) return undefined;
    const { rate, kinds } = this.#random;
    if (seededFraction(this.#seed, "fault", portrait, call) >= rate) return undefined;
    return kinds[Math.floor(seededFraction(this.#seed, "kind", portrait, call) * kinds.length)];
  }
}
