import { useState } from "preact/hooks";
import { may } from "../api/session.ts";
import { Lazy } from "../ui/lazy.tsx";

const loadDialog = () => import("./link-dialog.tsx");

/** Opens the links for clients of a batch. */
export function LinksButton({ batchId }: { readonly batchId: string }) {
  const [isOpen, setOpen] = useState(false);
  if (!may("manage")) return null;
  return (
    <>
      <button type="button" class="plain" onClick={() => setOpen(true)}>
        Links for clients
      </button>
      {isOpen ? <Lazy load={loadDialog} props={{ batchId, onClose: () => setOpen(false) }} /> : null}
    </>
  );
}
