import { useState } from "preact/hooks";
import { may } from "../api/session.ts";
import type { BatchStatus } from "../api/types.ts";
import { Lazy } from "../ui/lazy.tsx";

const loadDialog = () => import("../deliver/deliver-dialog.tsx");

/** Opens the dialog that delivers the approved results. */
export function DeliverButton({ status: { id, review } }: { readonly status: BatchStatus }) {
  const [isOpen, setOpen] = useState(false);
  if (!may("manage") || review.approved + review.rejected === 0) return null;
  return (
    <>
      <button type="button" class="plain" onClick={() => setOpen(true)}>
        Deliver what is approved
      </button>
      {isOpen ? <Lazy load={loadDialog} props={{ batchId: id, review, onClose: () => setOpen(false) }} /> : null}
    </>
  );
}
