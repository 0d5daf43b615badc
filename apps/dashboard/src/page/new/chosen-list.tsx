import type { Choices } from "./submission.ts";

interface Props {
  readonly list: File;
  readonly choices: Choices;
  readonly onChange: (part: Partial<Choices>) => void;
  readonly onRemove: () => void;
}

/** The list that names the photos, and what happens to its bad rows. */
export function ChosenList({ list, choices, onChange, onRemove }: Props) {
  return (
    <>
      <p>
        List: <b>{list.name}</b>{" "}
        <button type="button" class="plain" onClick={onRemove}>
          Remove the list
        </button>
      </p>
      <label>
        <input
          type="checkbox"
          checked={choices.skipsBadRows}
          onChange={(event) => onChange({ skipsBadRows: event.currentTarget.checked })}
        />{" "}
        Leave out rows that cannot be used
      </label>
    </>
  );
}
