import { useState } from "preact/hooks";
import { Picture } from "../ui/picture.tsx";

/**
 * Shows before and after on top of each other. The slider sets the share of each. Holding the space bar shows only
 * "before".
 */
export function Slider({ before, after }: { readonly before: string; readonly after: string }) {
  const [share, setShare] = useState(50);
  const [blink, setBlink] = useState(false);
  const shown = blink ? 100 : share;
  const hold = (down: boolean) => (event: KeyboardEvent) => {
    if (event.key !== " ") return;
    event.preventDefault();
    setBlink(down);
  };
  return (
    <div class="slider" style={{ "--share": `${shown}%` }} onKeyDown={hold(true)} onKeyUp={hold(false)}>
      <Picture src={after} alt="After" missing="The result cannot be shown here." />
      <Picture src={before} alt="Before" class="before" missing="The source cannot be shown here." />
      <input
        type="range"
        min={0}
        max={100}
        value={share}
        aria-label="Share of the picture that shows the source, in percent"
        onInput={({ currentTarget }) => setShare(currentTarget.valueAsNumber)}
      />
    </div>
  );
}
