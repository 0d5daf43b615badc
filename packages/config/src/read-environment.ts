import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { DarkroomError, messageOf } from "@darkroom/core";
import { parseRedisUrl } from "@darkroom/redis-kit/redis-address";
import { SETTINGS, type Setting, type SettingName } from "./catalogue.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables of the catalogue, and collects all problems instead of stopping at the first. */
export class EnvironmentReader {
  readonly #environment: Environment;
  /** Contains each problem once, even if its variable is read repeatedly. */
  readonly #problems = new Set<string>();
  readonly #wrong = new Set<string>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The problems so far, one sentence each. */
  get problems(): readonly string[] {
    return [...this.#problems];
  }

  /** The invalid variables, for problems that concern a single variable. */
  get wrong(): ReadonlySet<string> {
    return this.#wrong;
  }

  /** Returns the variable's text, or its default. An empty variable counts as unset. */
  text(name: SettingName): string | undefined {
    const setting: Setting = SETTINGS[name];
    const value = this.#environment[name]?.trim();
    const text = value === undefined || value === "" ? setting.default : value;
    if (text !== undefined && Array.isArray(setting.kind) && !setting.kind.includes(text)) {
      this.problem(name, `one of ${setting.kind.join(", ")}`);
      return setting.default;
    }
    return text;
  }

  /** Returns the value of a setting that has choices. */
  oneOf<T extends string>(name: SettingName, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    return choices.find((choice) => choice === text);
  }

  /** True if the variable is set. */
  isSet(name: SettingName): boolean {
    return this.variable(name) !== undefined;
  }

  /** Returns the text of a variable that another setting names. An empty variable counts as unset. */
  variable(name: string): string | undefined {
    const value = this.#environment[name]?.trim();
    return value === "" ? undefined : value;
  }

  integer(name: SettingName): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const { min = 0, max = Number.MAX_SAFE_INTEGER }: Setting = SETTINGS[name];
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    this.problem(name, `a whole number from ${min} to ${max}`);
    return undefined;
  }

  boolean(name: SettingName): boolean | undefined {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (["true", "1", "yes"].includes(text)) return true;
    if (["false", "0", "no"].includes(text)) return false;
    this.problem(name, "true or false");
    return undefined;
  }

  /** Returns an absolute URL with one of these schemes. */
  url(name: SettingName, schemes: readonly string[]): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const scheme = URL.canParse(text) ? new URL(text).protocol.slice(0, -1) : undefined;
    if (scheme !== undefined && schemes.includes(scheme)) return text;
    this.problem(name, `a URL that begins with ${schemes.map((of) => `${of}://`).join(" or ")}`);
    return undefined;
  }

  /** Returns a Redis URL in any accepted form. */
  redisUrl(name: SettingName): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      parseRedisUrl(text);
      return text;
    } catch (error) {
      // The message names the variable and contains nothing of its value.
      this.note(messageOf(error), name);
      return undefined;
    }
  }

  /** Returns the content of a file of PEM certificates. */
  certificates(name: SettingName): string | undefined {
    const path = this.text(name);
    if (path === undefined) return undefined;
    try {
      const pem = readFileSync(path, "utf8");
      createSecureContext({ ca: pem });
      if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
      this.problem(name, "a file of PEM certificates, each between BEGIN CERTIFICATE and END CERTIFICATE");
    } catch (error) {
      this.problem(name, `a readable file of PEM certificates (${messageOf(error)})`);
    }
    return undefined;
  }

  list(name: SettingName): readonly string[] {
    const parts = (this.text(name) ?? "").split(",").map((part) => part.trim());
    return parts.filter((part) => part !== "");
  }

  /** Reports a problem of a variable. Does not repeat the value of a secret, or of a URL that may contain one. */
  problem(name: SettingName, expected: string): void {
    const { kind }: Setting = SETTINGS[name];
    const value = this.#environment[name]?.trim() ?? "";
    const hidden = kind === "secret" || kind === "url" || kind === "accounts";
    const got =
      value === "" ? "it is not set" : hidden ? "its value is something else" : `it is "${value.slice(0, 80)}"`;
    this.note(`${name} must be ${expected}; ${got}`, name);
  }

  /** Reports a problem in a sentence that names the variable and repeats no secret. */
  note(problem: string, variable?: string): void {
    this.#problems.add(problem);
    if (variable !== undefined) this.#wrong.add(variable);
  }

  /**
   * @throws DarkroomError `invalid_settings` with one problem per line, and the variable as its field if there is only
   * one
   */
  finish(): void {
    if (this.#problems.size === 0) return;
    const [field, ...others] = this.#wrong;
    const isOne = field !== undefined && others.length === 0 && this.#problems.size === 1;
    throw new DarkroomError(
      "invalid_settings",
      `The settings are wrong:\n  ${this.problems.join("\n  ")}`,
      isOne ? { field } : {},
    );
  }
}
