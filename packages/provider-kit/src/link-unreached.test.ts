import { expect, it } from "vitest";
import { saysLinkUnreached } from "./link-unreached.ts";

const UNREACHED = [
  "Invalid image URL: the server could not be reached",
  "Invalid image URL: the server answered HTTP 503",
  "Invalid image URL: the server answered HTTP 500",
  "Invalid image URL: the server answered HTTP 403",
  "Invalid image URL: the server answered HTTP 429",
  "Invalid image URL: connection refused",
  "Invalid image URL: connection timed out",
  "Invalid image URL https://s.test/a.jpg?X-Amz-Signature=404: unreachable",
  "Could not download image",
  "Could not fetch image https://store.test/in.jpg?X-Amz-Signature=feed",
  "Failed to fetch the image from the URL",
  "Unable to download image_urls[0]",
  "Error downloading image",
  "Image URL is not accessible",
  "Cannot access the image at this link",
  "The image could not be retrieved",
  "connect ECONNREFUSED while loading the image",
];

const OTHERS = [
  // Text from the provider contract (A.7) that does not mean an unreachable link.
  "Invalid image URL",
  "Invalid image URL: https://x.test/a?could-not-be-fetched=1",
  "Invalid image URL: not an http or https address",
  "Invalid image URL: the address is private",
  // The photo's server reported that the photo does not exist.
  "Invalid image URL: the server answered HTTP 404",
  "Invalid image URL: the server answered HTTP 410",
  "Could not download image: not found",
  "Invalid image: Dimensions 9000x9000",
  "Invalid image: Dimensions 20x503 are outside 64 to 8192 px a side",
  "Invalid image: the file is not a picture",
  "Could not decode image",
  "Image format not supported",
  "Too many images (max 4)",
  "No face detected in the image",
  // The provider's own failure.
  "Failed to create prediction: HTTP 503",
  "The service could not be reached",
  "The generation timed out",
  "upstream timed out",
  "",
];

it.each(UNREACHED)("recognizes %j as an unreachable link", (words) => {
  expect(saysLinkUnreached(words)).toBe(true);
});

it.each(OTHERS)("does not recognize %j as one", (words) => {
  expect(saysLinkUnreached(words)).toBe(false);
});
