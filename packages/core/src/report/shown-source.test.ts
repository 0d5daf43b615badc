import { expect, test } from "vitest";
import { shownSource } from "./shown-source.ts";

test.each([
  ["https://photos.example/anna.jpg?X-Amz-Signature=SECRET#top", "https://photos.example/anna.jpg"],
  ["https://photos.example/@anna/a@b.jpg?sig=SECRET", "https://photos.example/@anna/a@b.jpg"],
  ["https://user:SECRET@photos.example/anna.jpg", "https://photos.example/anna.jpg"],
  ["https://user:p/SECRET@photos.example/anna.jpg?sig=SECRET", "https://photos.example/anna.jpg"],
  ["https:user:SECRET@photos.example/anna.jpg", "https:photos.example/anna.jpg"],
  ["http:\\\\user:SECRET@photos.example/anna.jpg", "http:\\\\photos.example/anna.jpg"],
  ["https://photos.example:99999/anna.jpg?sig=SECRET", "https://photos.example:99999/anna.jpg"],
  ["ftp://user:SECRET@photos.example/anna.jpg?sig=SECRET", "ftp://photos.example/anna.jpg"],
  ["//user:SECRET@photos.example/anna.jpg?token=SECRET", "//photos.example/anna.jpg"],
  ["data:image/png;base64,SECRET", "data:…"],
  ["DATA:image/png;base64,SECRET", "data:…"],
])("%s shows no secret", (source, shown) => {
  expect(shownSource(source)).toBe(shown);
});

test.each([
  "team/what?.jpg",
  "a@b.jpg",
  "s3://bucket/a?b@c.jpg",
  "file:///photos/a%3Fb@c.jpg",
  "mailto:a@b.example",
  "",
])("the key %s is unchanged", (source) => {
  expect(shownSource(source)).toBe(source);
});
