import { expect, test } from "vitest";
import { allowsScope, SCOPES, type Scope } from "./scopes.ts";

test.each<[Scope, readonly Scope[]]>([
  ["read", ["read"]],
  ["submit", ["read", "submit"]],
  ["review", ["read", "review"]],
  ["manage", ["read", "manage"]],
  ["admin", SCOPES],
])("%s allows %j and nothing else", (held, allowed) => {
  expect(SCOPES.filter((wanted) => allowsScope([held], wanted)).toSorted()).toEqual([...allowed].toSorted());
});

test("combines several scopes, and allows nothing without one", () => {
  expect(SCOPES.filter((wanted) => allowsScope(["submit", "review"], wanted))).toEqual(["read", "submit", "review"]);
  expect(SCOPES.filter((wanted) => allowsScope([], wanted))).toEqual([]);
});
