import { randomUUID } from "node:crypto";
import type { TwinClock } from "./twin-clock.ts";

/** The states of a profile (provider contract B). */
export type ProfileStatus = "VALIDATING" | "QUEUING" | "IN_PROGRESS" | "READY" | "ERROR" | "INACTIVE";

interface Profile {
  status: ProfileStatus;
  message: string | undefined;
}

/** How long a new profile stays in each state, in provider time. */
const TRAINING: readonly (readonly [ProfileStatus, number])[] = [
  ["QUEUING", 5_000],
  ["IN_PROGRESS", 120_000],
];

/** People's profiles and the state of their training. */
export class ProfileStore {
  readonly #clock: TwinClock;
  readonly #profiles = new Map<string, Profile>();

  /** @param ready profiles that exist from the start */
  constructor(clock: TwinClock, ready: readonly string[]) {
    this.#clock = clock;
    for (const id of ready) this.#profiles.set(id, { status: "READY", message: undefined });
  }

  /** @param validation resolves to the problem with its pictures; undefined if there is none */
  add(validation: Promise<string | undefined>): string {
    const id = randomUUID();
    const profile: Profile = { status: "VALIDATING", message: undefined };
    this.#profiles.set(id, profile);
    void this.#train(profile, validation);
    return id;
  }

  status(id: string): { readonly status: ProfileStatus; readonly message: string | undefined } | undefined {
    return this.#profiles.get(id);
  }

  async #train(profile: Profile, validation: Promise<string | undefined>): Promise<void> {
    profile.message = await validation;
    if (profile.message !== undefined) {
      profile.status = "ERROR";
      return;
    }
    for (const [status, ms] of TRAINING) {
      profile.status = status;
      await this.#clock.sleep(ms);
    }
    profile.status = "READY";
  }
}
