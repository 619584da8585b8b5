import { testSuite } from "./test-72.ts";

testSuite({ suite: "trixie", part: { HOLDFAST_TEST_SECTOR_SIZES: "512" } });
