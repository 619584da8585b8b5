import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../base/fault.ts";
import { parseSha256, type Sha256 } from "../base/ids.ts";
import { chooseInstallRelease, type InstallWish, installFileName } from "./install-release.ts";

const digest = parseSha256("ab".repeat(32));
const listing = (...names: readonly string[]): ReadonlyMap<string, Sha256> =>
  new Map(names.map((name) => [name, digest]));
const choose = (names: readonly string[], wish: InstallWish = {}): string => {
  try {
    const { name, version, layout, files } = chooseInstallRelease(listing(...names), wish, "/repo");
    return `${name} ${version} ${layout}: ${files.map((file) => file.name).join(" ")}`;
  } catch (error) {
    assert.ok(error instanceof Fault);
    return `${error.code}: ${error.message}`;
  }
};

const kde = ["os_1.erofs", "os_1.efi", "os_2.erofs", "os_2.efi"];
const ab = ["os_2.usr.erofs", "os_2.usr.verity", "os_2.ab.efi"];

test("the newest release that is whole is taken, or the one that was asked for", () => {
  assert.equal(choose(kde), "os 2 kde: os_2.erofs os_2.efi");
  assert.equal(choose([...kde, "os_10.erofs"]), "os 2 kde: os_2.erofs os_2.efi");
  assert.equal(choose(kde, { version: "1" }), "os 1 kde: os_1.erofs os_1.efi");
  assert.equal(choose(ab), "os 2 ab: os_2.usr.erofs os_2.usr.verity os_2.ab.efi");
  assert.equal(choose([...kde, ...ab]), "os 2 kde: os_2.erofs os_2.efi");
  assert.equal(choose([...kde, ...ab], { layout: "ab" }), "os 2 ab: os_2.usr.erofs os_2.usr.verity os_2.ab.efi");
  assert.equal(choose([...kde, "app_3.erofs", "app_3.efi"], { name: "app" }), "app 3 kde: app_3.erofs app_3.efi");
});

test("a release that lacks a file says which", () => {
  assert.equal(
    choose(["os_2.erofs"]),
    "no-uki: Cannot install os 2: the release has no UKI (os_2.efi is not in the SHA256SUMS of /repo)",
  );
  assert.equal(
    choose([...kde, "os_3.erofs"], { version: "3" }),
    "no-uki: Cannot install os 3: the release has no UKI (os_3.efi is not in the SHA256SUMS of /repo)",
  );
  assert.equal(
    choose(kde, { layout: "ab" }),
    "release-incomplete: Cannot install os 2: the release has no image (os_2.usr.erofs is not in the SHA256SUMS of /repo)",
  );
  assert.equal(
    choose(["os_2.usr.erofs", "os_2.ab.efi"]),
    "release-incomplete: Cannot install os 2: the release has no verity hashes (os_2.usr.verity is not in the SHA256SUMS of /repo)",
  );
});

test("what is no release, not there, or not one system is refused", () => {
  assert.equal(
    choose(["README", "os_2.erofs.caibx"]),
    "no-release: Cannot install from /repo: its SHA256SUMS lists no release",
  );
  assert.equal(choose(kde, { version: "9" }), "no-such-version: Cannot install os 9: /repo does not list it");
  assert.equal(
    choose(kde, { name: "app" }),
    "no-release: Cannot install from /repo: its SHA256SUMS lists no release of app",
  );
  assert.equal(
    choose([...kde, "app_3.erofs"]),
    "several-systems: Cannot choose a release of /repo: it has more than one system (app, os)",
  );
});

test("files are named as they are published", () => {
  assert.equal(installFileName("os", "2", "ab", "verity"), "os_2.usr.verity");
  assert.equal(installFileName("os", "@v", "kde", "entry"), "os_@v.efi");
});
