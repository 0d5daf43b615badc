import { PROMPT_RESERVE_CHARS } from "./prompt.ts";
import { MAX_PROMPT_CHARS } from "./recipe.ts";

const FIRM = "nose|jaw(?:line)?s?|chin|cheek ?bones?";
const FEATURE = `(?:${FIRM}|face|cheeks?|lips?|eyes?|eyelids?|ears?|forehead|neck|head|skull|body|waist|figure)`;
/**
 * Matches the words allowed between a change and its object: "lift the shadows on the face" does not change the face.
 */
const LINK =
  "(?:(?:the|a|an|his|her|their|its|my|your|this|both|up|down|out|whole|man['’]s|woman['’]s|person['’]s|subject['’]s)\\s+)";
const BIGGER =
  "(?:slimmer|thinner|leaner|narrower|smaller|bigger|larger|longer|shorter|wider|fuller|plumper|higher|rounder|straighter|more\\s+(?:symmetric(?:al)?|angular|chisell?ed|oval|slender))";
/** Not applied to eyes: "sharper eyes" means focus, but a sharper nose is a different nose. */
const FIRMER = "(?:sharper|stronger|softer|weaker|more\\s+defined)";
const BIG = "(?:slim|slender|thin|narrow|small|big|large|full|high|sharp|strong|pointed)";
const HEDGE = "(?:(?:to|should|must|could|be|look|appear|become|a|bit|little|much|slightly|somewhat|is|are)\\s+)";
const RESIZE =
  "(?:slim|slimming|thin|thinning|narrow(?:ing)?|shrink(?:ing)?|resiz(?:e|ing)|reshap(?:e|ing)|resculpt(?:ing)?|enlarg(?:e|ing)|widen(?:ing)?|lengthen(?:ing)?|shorten(?:ing)?|plump(?:ing)?|swap(?:ping)?|replac(?:e|ing))";
const PERSON = "(?:him|her|them|me|the\\s+(?:person|man|woman|subject|face))";
const SAME_SPOT =
  "(?!['’]s|[ -](?:light|lighting|tone|colou?r|shadows?|shine|skin|exposure|make-?up|hair|scarf|brightness))";

/** Requests to change the structure of a face or body, or to show another person. */
const STRUCTURAL: readonly RegExp[] = [
  new RegExp(`\\b${BIGGER}\\s+(?:looking\\s+)?${FEATURE}\\b${SAME_SPOT}`, "gi"),
  new RegExp(`\\b${FIRMER}\\s+(?:${FIRM})\\b`, "gi"),
  new RegExp(`\\b${FEATURE}\\s+${HEDGE}{0,4}(?:not\\s+)?${HEDGE}{0,2}${BIGGER}\\b`, "gi"),
  new RegExp(`\\b(?:${FIRM})\\s+${HEDGE}{0,4}(?:not\\s+)?${HEDGE}{0,2}${FIRMER}\\b`, "gi"),
  new RegExp(`\\bgiv(?:e|ing)\\s+(?:\\w+\\s+){1,2}?(?:an?\\s+)?${BIG}\\s+${FEATURE}\\b`, "gi"),
  new RegExp(`\\b${RESIZE}\\s+${LINK}{0,3}${FEATURE}\\b${SAME_SPOT}`, "gi"),
  new RegExp(`\\b(?:straighten|raise|lift)(?:ing)?\\s+${LINK}{0,2}(?:${FIRM}|eyelids?|cheeks?)\\b${SAME_SPOT}`, "gi"),
  new RegExp(
    `\\b(?:chang|alter|modify|remodel|restructur)(?:e|ing)?\\s+${LINK}{0,2}(?:${FIRM}|face|head|facial\\s+(?:structure|features)|bone\\s+structure)\\b${SAME_SPOT}`,
    "gi",
  ),
  new RegExp(
    `\\b(?:chang|alter|modify)(?:e|ing)?\\s+${LINK}?(?:shape|size|structure|proportions)\\s+of\\s+${LINK}{0,2}${FEATURE}\\b`,
    "gi",
  ),
  new RegExp(`\\b(?:make|making)\\s+${PERSON}\\s+${HEDGE}{0,3}(?:slimmer|thinner|leaner|taller|skinnier)\\b`, "gi"),
  /\b(?:remove|reduce|hide|fix|erase|minimi[sz]e|get rid of)\s+(?:\w+\s+){0,2}double chin\b/gi,
  /\b(?:v-shaped|chisell?ed)\s+(?:face|jaw(?:line)?|chin)\b/gi,
  /\bface[- ]?(?:swap|lift)/gi,
  /\b(?:different\s+(?:person|identity)|an?\s+different\s+(?:man|woman|face)|another\s+(?:person|man|woman|face))\b/gi,
  /\bsomeone else\b/gi,
  new RegExp(
    `\\blook(?:s|ing)?\\s+(?:more\\s+)?like\\s+(?:an?\\s+)?(?:celebrity|(?:super|fashion )?model|actor|actress|(?:movie|film) star)\\b`,
    "gi",
  ),
  /\b(?:him|her|them|me|person|man|woman)\s+(?:to\s+)?look\s+(?:more\s+)?like\s+\p{Lu}\p{L}+\s+\p{Lu}\p{L}+/gu,
];

/** Matches "Do not slim the face, enlarge the eyes or lift the cheeks". Applies until another request follows. */
const FORBIDS = /\b(?:do not|don['’]t|does not|never|must not|should not|shouldn['’]t|cannot|avoid|nor|not to)\b/i;
const TURNS = /\b(?:but|instead|then|however|yet)\b/i;
/** Matches "Keep the bigger eyes". Applies to its own part of a sentence. */
const KEEPS = /\b(?:keep(?:ing)?|preserv(?:e|ing)|retain(?:ing)?|maintain(?:ing)?|leav(?:e|ing)|without|no|not)\b/i;
const PART = /,|\b(?:and|but)\b/i;

function last<T>(parts: readonly T[]): T | undefined {
  return parts.at(-1);
}

function isAskedFor(sentence: string, match: RegExpExecArray): boolean {
  const until = sentence.slice(0, match.index + match[0].length);
  return !FORBIDS.test(last(until.split(TURNS)) ?? "") && !KEEPS.test(last(until.split(PART)) ?? "");
}

/**
 * Returns warnings about a custom prompt before the first payment: the prompt asks to change the structure of a face,
 * which Darkroom's own clauses forbid, or is so long that its end may be cut. A heuristic of word patterns.
 */
export function promptWarnings(text: string): readonly string[] {
  const warnings: string[] = [];
  const asks = text
    .split(/[.!?;\n]+/)
    .some((sentence) =>
      STRUCTURAL.some((pattern) => [...sentence.matchAll(pattern)].some((match) => isAskedFor(sentence, match))),
    );
  if (asks) {
    warnings.push(
      "The prompt seems to ask for a change of facial structure. Darkroom tells the provider to keep the person recognisably the same, so that part will not be done.",
    );
  }
  const sure = MAX_PROMPT_CHARS - PROMPT_RESERVE_CHARS;
  if (text.length > sure) {
    warnings.push(
      `The prompt has ${text.length} characters; its end may be cut, because a provider accepts ${MAX_PROMPT_CHARS} including everything that Darkroom adds. Keep it under ${sure}.`,
    );
  }
  return warnings;
}
