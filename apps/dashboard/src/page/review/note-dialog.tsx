import { MAX_NOTE_CHARS } from "@darkroom/core/review";
import { useRef } from "preact/hooks";
import { Dialog } from "../ui/dialog.tsx";

interface Props {
  readonly title: string;
  /** The label of the button that sends the note. */
  readonly action: string;
  /** True if there must be a note. */
  readonly isNeeded?: boolean;
  readonly onNote: (note: string | undefined) => void;
  readonly onClose: () => void;
}

/** Asks for a note to an order about results. Enter sends it. */
export function NoteDialog({ title, action, isNeeded = false, onNote, onClose }: Props) {
  const note = useRef<HTMLInputElement>(null);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const words = note.current?.value.trim() ?? "";
    onNote(words === "" ? undefined : words);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <label>
          {isNeeded ? "What should be different?" : "Note (optional)"}
          <input ref={note} type="text" maxLength={MAX_NOTE_CHARS} required={isNeeded} autocomplete="off" />
        </label>
        <div class="dialog-buttons">
          <button type="button" class="plain" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="danger">
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
