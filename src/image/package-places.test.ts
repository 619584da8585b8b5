import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "./package-places.ts";

test("what is in packaging goes where systemd, polkit and the journal look, and what is for building stays", () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["systemd/holdfast-update.timer", "usr/lib/systemd/system/holdfast-update.timer"],
    ["systemd/holdfast-fetch@.service", "usr/lib/systemd/system/holdfast-fetch@.service"],
    ["systemd/80-holdfast.preset", "usr/lib/systemd/system-preset/80-holdfast.preset"],
    ["systemd/holdfast.tmpfiles.conf", "usr/lib/tmpfiles.d/holdfast.conf"],
    ["systemd-user/holdfast-notify.path", "usr/lib/systemd/user/holdfast-notify.path"],
    ["systemd-user/80-holdfast-user.preset", "usr/lib/systemd/user-preset/80-holdfast-user.preset"],
    ["varlink/holdfast-varlink.socket", "usr/lib/systemd/system/holdfast-varlink.socket"],
    ["varlink/org.holdfast.Update.varlink", undefined],
    ["polkit/org.holdfast.policy", "usr/share/polkit-1/actions/org.holdfast.policy"],
    ["journal/holdfast.catalog", "usr/lib/systemd/catalog/holdfast.catalog"],
    ["build-deb.ts", undefined],
    ["debian/control", undefined],
  ];
  for (const [path, place] of rows) assert.equal(placeOf(path), place, path);
});
