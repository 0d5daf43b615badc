import type { Locator, Page } from "playwright-core";

/** Most presses of Tab that lead to a control. */
const MOST_TABS = 250;

/** The ways in which a user operates the page: with a mouse, or by keyboard alone. */
export interface Hands {
  /** Presses a button or follows a link. */
  readonly press: (control: Locator) => Promise<void>;
  /** Writes into a field. */
  readonly write: (field: Locator, text: string) => Promise<void>;
  /** Opens a portrait of the sheet by its place. */
  readonly open: (page: Page, place: number) => Promise<void>;
}

export const MOUSE: Hands = {
  press: (control) => control.click(),
  write: (field, text) => field.fill(text),
  open: (page, place) => page.getByRole("option").nth(place).click(),
};

export const KEYBOARD: Hands = {
  press: async (control) => {
    await tabTo(control);
    await control.page().keyboard.press("Enter");
  },
  write: async (field, text) => {
    await tabTo(field);
    await field.page().keyboard.press("ControlOrMeta+a");
    await field.page().keyboard.type(text);
  },
  open: async (page, place) => {
    await tabTo(page.getByRole("listbox"));
    await page.keyboard.press("Home");
    for (let step = 0; step < place; step++) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
  },
};

/** @throws Error if Tab does not lead to the control */
async function tabTo(control: Locator): Promise<void> {
  await control.waitFor();
  for (let tabs = 0; tabs < MOST_TABS; tabs++) {
    if (await control.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await control.page().keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${String(control)}`);
}
