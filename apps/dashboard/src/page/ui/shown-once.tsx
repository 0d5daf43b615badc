import { useRef, useState } from "preact/hooks";

/** Shows a new secret, which the server does not show again, with a button that copies it. */
export function ShownOnce({ label, secret }: { readonly label: string; readonly secret: string }) {
  const box = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    box.current?.select();
    // Absent on plain HTTP. The text is selected, so that the user can copy it.
    await navigator.clipboard?.writeText(secret);
    setCopied(navigator.clipboard !== undefined);
  };
  return (
    <div role="status">
      <label>
        {label}; it is shown only now
        <input ref={box} type="text" readOnly value={secret} />
      </label>
      <button type="button" onClick={() => void copy().catch(() => undefined)}>
        {copied ? "Copied" : "Copy"}
      </button>
    </div>
  );
}
