import type { Presets } from "../api/types.ts";
import type { Choices } from "./submission.ts";

interface Props {
  readonly presets: Presets;
  readonly choices: Choices;
  readonly onChange: (part: Partial<Choices>) => void;
}

const PROVIDERS: Readonly<Record<string, string>> = { "each-sense": "each::sense", phota: "Phota" };

/** Asks how the pictures should look, and how good and fast they should be made. */
export function RecipeChoice({ presets, choices, onChange }: Props) {
  return (
    <>
      <fieldset class="cards">
        <legend>How should they look?</legend>
        {presets.presets.map(({ name, title, outcome }) => (
          <label key={name} class="card">
            <input
              type="radio"
              name="preset"
              checked={choices.preset === name}
              onChange={() => onChange({ preset: name })}
            />
            <b>{title}</b>
            <span>{outcome}</span>
          </label>
        ))}
      </fieldset>
      {presets.providers.length < 2 ? null : (
        <fieldset class="cards">
          <legend>Who makes them?</legend>
          {presets.providers.map((provider) => (
            <label key={provider} class="card">
              <input
                type="radio"
                name="provider"
                checked={choices.provider === provider}
                onChange={() => onChange({ provider })}
              />
              <b>{PROVIDERS[provider] ?? provider}</b>
            </label>
          ))}
        </fieldset>
      )}
      {choices.provider !== "each-sense" ? null : (
        <fieldset class="cards">
          <legend>Fast and cheap, or high quality?</legend>
          <label class="card">
            <input
              type="radio"
              name="mode"
              checked={choices.mode === "eco"}
              onChange={() => onChange({ mode: "eco" })}
            />
            <b>Fast and cheap</b>
            <span>eco mode: for drafts, large numbers and small pictures</span>
          </label>
          <label class="card">
            <input
              type="radio"
              name="mode"
              checked={choices.mode === "max"}
              onChange={() => onChange({ mode: "max" })}
            />
            <b>High quality</b>
            <span>max mode: slower and dearer, for pictures that are looked at closely</span>
          </label>
        </fieldset>
      )}
    </>
  );
}
