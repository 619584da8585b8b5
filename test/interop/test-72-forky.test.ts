import { testSuite } from "./test-72.ts";

testSuite({
  suite: "forky",
  // varlinkctl and systemd-socket-activate, and what the suite's own listener is written in.
  more: ["systemd", "python3-minimal"],
  part: {
    HOLDFAST_TEST_SECTOR_SIZES: "4096",
    HOLDFAST_TEST_UPDATE_TYPES: "split-offline",
    HOLDFAST_TEST_CLIENTS: "varlink",
  },
});
