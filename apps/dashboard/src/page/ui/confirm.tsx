import type { ComponentChildren } from "preact";
import { Dialog } from "./dialog.tsx";

interface Props {
  readonly title: string;
  /** Label of the button that confirms. */
  readonly action: string;
  readonly tone?: "main" | "danger" | "plain";
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks for a confirmation of an order that pays or ends something. */
export function Confirm({ title, action, tone = "main", onConfirm, onClose, children }: Props) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      <div class="dialog-buttons">
        <button type="button" class="plain" onClick={onClose}>
          Not now
        </button>
        <button type="button" class={tone} onClick={onConfirm}>
          {action}
        </button>
      </div>
    </Dialog>
  );
}
