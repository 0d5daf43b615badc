import { Dialog } from "../ui/dialog.tsx";

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ["a", "approve, and go to the next"],
  ["r", "reject with a note, and go to the next"],
  ["u", "undo your latest decision"],
  ["arrows", "select a portrait; in a comparison, go to the next or previous"],
  ["Page Up, Page Down, Home, End", "move through the sheet"],
  ["x", "add the portrait to the selection, or remove it"],
  ["Shift and arrows", "extend the selection"],
  ["Enter, space", "open the comparison; hold space there to show only the source"],
  ["v, s, c", "compare by slider, side by side, or by what changed"],
  ["+, -, 0", "zoom in, zoom out, show the whole picture"],
  ["Shift and arrows there", "move the zoomed picture"],
  ["Escape", "close, or clear the selection"],
  ["?", "show these keys"],
];

/** Lists the keys of the sheet and the comparison. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <div class="dialog-buttons">
        <button type="button" class="plain" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
