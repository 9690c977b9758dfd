import { expect, test } from "vitest";
import { aRole, calledName, joinUrl, ROLES } from "./people";

test("roles have an article that fits", () => {
  expect([aRole("editor"), aRole("viewer"), aRole("owner")]).toEqual(["an editor", "a viewer", "an owner"]);
  expect(Object.keys(ROLES)).toEqual(["owner", "editor", "viewer", "public"]);
});

test.each([
  [{ user: "a", name: "Ada", role: "editor" as const }, "Ada"],
  [{ user: "me", name: "Grace", role: "owner" as const }, "Grace (you)"],
  [{ user: "me", name: "", role: "owner" as const }, "You"],
  [{ user: "b", name: "", role: "owner" as const }, "The owner"],
  [{ user: "b", name: "", role: "viewer" as const }, "Somebody without a name"],
])("%j is called %s", (person, name) => {
  expect(calledName(person, "me")).toBe(name);
});

test("an invitation leads into the studio", () => {
  expect(joinUrl("https://music.example", "abc")).toBe("https://music.example/join/abc");
});
