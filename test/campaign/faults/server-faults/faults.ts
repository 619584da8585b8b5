// What a server can do wrong with one resource (issue 3), as rules of the lab's server.
import { captivePortal, type Misbehaviour, type Rule } from "../../../../tools/lab/fault-script.ts";
import type { Resource } from "./resource.ts";

/** What a fault is told about the resource it befalls. */
export interface Target {
  readonly resource: Resource;
  /** What a well server sends. */
  readonly bytes: Buffer;
  /** The same resource of another publication. */
  readonly other: Buffer;
  /** Between 0 and 1, for a place in the resource. */
  readonly draw: number;
}

export interface ServerFault {
  readonly name: string;
  rules(target: Target): readonly Rule[];
  /** Default: every resource. */
  readonly concerns?: (resource: Resource) => boolean;
  /** It takes time-outs to find out. */
  readonly slow?: true;
  /** It sends more than a disk holds: only onto a disk that is small. */
  readonly endless?: true;
}

function get(misbehaviour: Misbehaviour): ServerFault["rules"] {
  return ({ resource: { path } }) => [{ path, ...misbehaviour }];
}

function once(misbehaviour: Misbehaviour): ServerFault["rules"] {
  return ({ resource: { path } }) => [{ path, ...misbehaviour, times: 1 }];
}

/** For GET and for HEAD. */
function all(misbehaviour: Misbehaviour): ServerFault["rules"] {
  return ({ resource: { path } }) => [
    { path, ...misbehaviour },
    { path, ...misbehaviour, method: "HEAD" },
  ];
}

function head(misbehaviour: Misbehaviour): ServerFault["rules"] {
  return ({ resource: { path } }) => [{ path, ...misbehaviour, method: "HEAD" }];
}

/** At a place of the resource, as a part of its length. */
function at(part: number, make: (byte: number) => Misbehaviour): ServerFault["rules"] {
  return (target) => get(make(Math.min(target.bytes.length - 1, Math.floor(target.bytes.length * part))))(target);
}

const isPayload = ({ kind }: Resource): boolean => kind === "payload";
const tenGigabytes = 10_000_000_000;

export const serverFaults: readonly ServerFault[] = [
  { name: "404", rules: all({ status: 404 }) },
  { name: "404 although HEAD finds it", rules: get({ status: 404 }), concerns: isPayload },
  { name: "403", rules: all({ status: 403 }) },
  { name: "416, whatever is asked for", rules: get({ status: 416 }) },
  { name: "500", rules: all({ status: 500 }) },
  { name: "503 once", rules: once({ status: 503 }) },
  { name: "a redirect to itself", rules: (target) => all({ redirect: target.resource.path })(target) },
  { name: "a redirect to a local file", rules: all({ redirect: "file:///etc/passwd" }) },
  { name: "the connection closed before any answer", rules: all({ refuse: true }) },
  { name: "something that is no HTTP", rules: all({ notHttp: "SSH-2.0-OpenSSH_9.2\r\n" }) },
  { name: "a header of 10 MB", rules: all({ headerBytes: 10_000_000 }) },
  { name: "cut in the middle, once", rules: at(0.5, (byte) => ({ cutAfterBytes: byte, times: 1 })) },
  { name: "cut in the middle, always", rules: at(0.5, (byte) => ({ cutAfterBytes: byte })) },
  { name: "cut after one byte, always", rules: get({ cutAfterBytes: 1 }) },
  { name: "cut before the last byte, always", rules: at(1, (byte) => ({ cutAfterBytes: byte })) },
  {
    name: "half of the file as if it were whole",
    rules: (target) => all({ body: target.bytes.subarray(0, target.bytes.length / 2) })(target),
  },
  { name: "nothing, with status 200", rules: all({ body: "" }) },
  { name: "a wrong byte at the start", rules: get({ flipByteAt: 0 }) },
  { name: "a wrong byte anywhere", rules: (target) => at(target.draw, (byte) => ({ flipByteAt: byte }))(target) },
  { name: "a wrong byte at the end", rules: at(1, (byte) => ({ flipByteAt: byte })) },
  { name: "a wrong byte once", rules: at(0.5, (byte) => ({ flipByteAt: byte, times: 1 })) },
  { name: "a web page with status 200", rules: all(captivePortal) },
  { name: "Content-Length too large", rules: get({ contentLengthOff: 500 }) },
  { name: "Content-Length too small", rules: get({ contentLengthOff: -100 }) },
  { name: "Content-Length too large in HEAD", rules: head({ contentLengthOff: 500 }), concerns: isPayload },
  { name: "Content-Length too small in HEAD", rules: head({ contentLengthOff: -100 }), concerns: isPayload },
  { name: "no length, chunked", rules: all({ chunked: true }) },
  { name: "Range ignored, always", rules: get({ ignoreRange: true }) },
  { name: "another range than was asked for", rules: get({ rangeOff: 1000 }) },
  {
    name: "Range ignored after a cut",
    rules: (target) => [
      ...at(0.5, (byte) => ({ cutAfterBytes: byte, times: 1 }))(target),
      { path: target.resource.path, ignoreRange: true, from: 2 },
    ],
  },
  {
    name: "ETag changed in mid-resume, the bytes the same",
    rules: (target) => [
      ...at(0.5, (byte) => ({ cutAfterBytes: byte, times: 1, etag: '"first"' }))(target),
      { path: target.resource.path, etag: '"second"', from: 2 },
    ],
  },
  {
    name: "ETag changed in mid-resume, the bytes others",
    rules: (target) => [
      ...at(0.5, (byte) => ({ cutAfterBytes: byte, times: 1, etag: '"first"' }))(target),
      { path: target.resource.path, etag: '"second"', body: target.other, from: 2 },
    ],
  },
  { name: "replaced between two requests, once", rules: (target) => once({ body: target.other })(target) },
  { name: "replaced between two requests, for good", rules: (target) => all({ body: target.other })(target) },
  { name: "10 GB, announced", rules: all({ junkBytes: tenGigabytes }), endless: true },
  { name: "10 GB, unannounced", rules: all({ junkBytes: tenGigabytes, chunked: true }), endless: true },
  { name: "slow, and steady", rules: (target) => get({ bytesPerSecond: Math.ceil(target.bytes.length / 2) })(target) },
  { name: "a drip of one byte a second", rules: get({ bytesPerSecond: 1 }), slow: true },
  { name: "a stall before the answer", rules: get({ stallAfterBytes: 0 }), slow: true },
  { name: "a stall in the middle", rules: at(0.5, (byte) => ({ stallAfterBytes: byte })), slow: true },
];
