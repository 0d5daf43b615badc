import { expect, test } from "vitest";
import { pageLinkOf } from "./page-link.ts";

test.each([
  ["https://drive.google.com/file/d/abc/view?usp=sharing", "Google Drive"],
  ["https://drive.google.com/open?id=abc", "Google Drive"],
  ["https://drive.google.com/uc?export=download&id=abc", undefined],
  ["https://www.dropbox.com/s/abc/a.jpg?dl=0", "Dropbox"],
  ["https://www.dropbox.com/s/abc/a.jpg", "Dropbox"],
  ["https://www.dropbox.com/scl/fi/abc/a.jpg?rlkey=x&dl=1", undefined],
  ["https://photos.app.goo.gl/abc", "Google Photos"],
  ["https://1drv.ms/i/s!abc", "OneDrive"],
  ["https://photos.example/a.jpg", undefined],
])("%s leads to a page of %s", (link, service) => {
  expect(pageLinkOf(new URL(link))).toBe(service);
});
