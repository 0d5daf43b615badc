import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { meets, type Figure, type Target } from "../benchmark.ts";
import { shownTarget, shownWithUnit } from "../result.ts";

const BAR_COLOURS = { met: "#3f7d6b", missed: "#c2533d" } as const;
/** Minimum length of a bar as a share of its target, because a logarithmic scale cannot show zero. */
const LEAST_SHARE = 0.001;

type Held = Figure & { readonly target: Target };

/** True for a figure that a bar can show, because its target is not zero. */
export function hasBar(figure: Figure): figure is Held {
  return figure.target !== undefined && figure.target.value > 0 && Number.isFinite(figure.value) && figure.value >= 0;
}

/**
 * Returns the share of its target that a figure uses. 1 just meets the target, and less is better, for either direction
 * of the target.
 */
export function shareOfTarget({ value, target }: Held): number {
  const share = target.kind === "at-most" ? value / target.value : target.value / value;
  return Math.max(share, LEAST_SHARE);
}

/** Draws all figures beside their targets, as an SVG. */
export async function targetChart(figures: readonly (Held & { readonly benchmark: string })[]): Promise<string> {
  const values = figures.map((figure) => ({
    label: `${figure.benchmark}: ${figure.name}`,
    share: shareOfTarget(figure),
    text: `${shownWithUnit(figure)} (${shownTarget(figure)})`,
    held: meets(figure.value, figure.target) ? "met" : "missed",
  }));
  const most = Math.max(2, ...values.map(({ share }) => share * 1.1));
  const y = {
    field: "label",
    type: "nominal",
    sort: null,
    title: null,
    axis: { labelLimit: 0, ticks: false },
  } as const;
  const spec: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: 420,
    height: { step: 22 },
    background: "white",
    padding: 12,
    data: { values },
    config: { font: "sans-serif", view: { stroke: null }, axis: { labelFontSize: 12, titleFontSize: 12 } },
    layer: [
      {
        mark: { type: "bar", height: 12 },
        encoding: {
          y,
          x: {
            field: "share",
            type: "quantitative",
            scale: { type: "log", domain: [LEAST_SHARE, most], clamp: true },
            title: "share of the target used up (logarithmic); at 1 it is just met",
            axis: { values: [0.001, 0.01, 0.1, 1], format: "~g", grid: true },
          },
          x2: { datum: LEAST_SHARE },
          color: {
            field: "held",
            type: "nominal",
            scale: { domain: ["met", "missed"], range: [BAR_COLOURS.met, BAR_COLOURS.missed] },
            legend: null,
          },
        },
      },
      {
        mark: { type: "text", align: "left", x: 428, fontSize: 12, color: "#333" },
        encoding: { y, text: { field: "text", type: "nominal" } },
      },
      {
        mark: { type: "rule", color: "#222", strokeDash: [4, 3] },
        encoding: { x: { datum: 1, type: "quantitative" } },
      },
    ],
  };
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
