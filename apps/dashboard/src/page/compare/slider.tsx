import { useState } from "preact/hooks";
import { newlyShown } from "../api/pictures.ts";
import { Picture } from "../ui/picture.tsx";

interface Props {
  readonly before: string;
  readonly after: string;
  /** True to show only "before". */
  readonly blink: boolean;
}

/** Shows before and after on top of each other. The slider sets the share of each. */
export function Slider({ before, after, blink }: Props) {
  const [newly] = useState(newlyShown);
  const [share, setShare] = useState(50);
  const shown = blink ? 100 : share;
  return (
    <div class="slider" style={{ "--share": `${shown}%` }}>
      <Picture src={`${after}&shown=${newly}`} alt="After" missing="The result cannot be shown here." />
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
