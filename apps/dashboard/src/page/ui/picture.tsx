import { useState } from "preact/hooks";

interface Props {
  readonly src: string;
  readonly alt: string;
  readonly class?: string;
  /** Text in place of a picture that cannot be loaded. */
  readonly missing?: string;
}

/** A picture that shows a text when it cannot be loaded. */
export function Picture({ src, alt, missing = "no preview", ...rest }: Props) {
  const [failed, setFailed] = useState<string | undefined>(undefined);
  if (failed === src) return <span class="sign">{missing}</span>;
  return (
    <img src={src} alt={alt} class={rest.class} decoding="async" draggable={false} onError={() => setFailed(src)} />
  );
}
