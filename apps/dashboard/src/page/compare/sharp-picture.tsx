import { useEffect, useState } from "preact/hooks";

interface Props {
  /** Address of the small picture, which the sheet has loaded. */
  readonly small: string;
  /** Address of the picture itself. */
  readonly full: string;
  /** True to load the picture itself. */
  readonly isSharp: boolean;
  readonly alt: string;
  /** Text in place of a picture that cannot be loaded. */
  readonly missing: string;
}

/** Shows the small picture until the picture itself is there. */
export function SharpPicture({ small, full, isSharp, alt, missing }: Props) {
  const [shown, setShown] = useState<"small" | "full" | "nothing">("small");
  useEffect(() => {
    if (!isSharp || shown !== "small") return undefined;
    let isWanted = true;
    const picture = new Image();
    picture.src = full;
    picture.decode().then(
      () => isWanted && setShown("full"),
      () => undefined,
    );
    return () => {
      isWanted = false;
      picture.src = "";
    };
  }, [isSharp, full, shown]);
  if (shown === "nothing") return <span class="sign">{missing}</span>;
  const src = shown === "full" ? full : small;
  return (
    <img
      src={src}
      alt={alt}
      decoding="async"
      draggable={false}
      onError={() => setShown(shown === "small" ? "full" : "nothing")}
    />
  );
}
