import { MAX_NOTE_CHARS } from "@darkroom/core/review";
import { useRef } from "preact/hooks";
import { Dialog } from "../ui/dialog.tsx";

interface Props {
  readonly title: string;
  readonly onReject: (note: string | undefined) => void;
  readonly onClose: () => void;
}

/** Asks for the reason of a rejection. Enter sends it. */
export function NoteDialog({ title, onReject, onClose }: Props) {
  const note = useRef<HTMLInputElement>(null);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const words = note.current?.value.trim() ?? "";
    onReject(words === "" ? undefined : words);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <label>
          Note (optional)
          <input ref={note} type="text" maxLength={MAX_NOTE_CHARS} autocomplete="off" />
        </label>
        <div class="dialog-buttons">
          <button type="button" class="plain" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="danger">
            Reject
          </button>
        </div>
      </form>
    </Dialog>
  );
}
