import { count } from "../text/numbers.ts";

interface Props {
  readonly selected: number;
  readonly onApprove: () => void;
  readonly onReject: () => void;
  readonly onClear: () => void;
}

/** Shows the actions on the selected portraits. */
export function SelectionBar({ selected, onApprove, onReject, onClear }: Props) {
  return (
    <div class="selection" role="group" aria-label="Selection">
      <span>{count(selected, "portrait")} selected</span>
      <button type="button" class="main" onClick={onApprove}>
        Approve
      </button>
      <button type="button" class="danger" onClick={onReject}>
        Reject…
      </button>
      <button type="button" class="plain" onClick={onClear}>
        Clear
      </button>
    </div>
  );
}
