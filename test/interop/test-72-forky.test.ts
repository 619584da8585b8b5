import { testSuite } from "./test-72.ts";

testSuite({
  suite: "forky",
  part: { HOLDFAST_TEST_SECTOR_SIZES: "4096", HOLDFAST_TEST_UPDATE_TYPES: "split-offline" },
});
