// The two interfaces that every service of systemd has beside its own: org.varlink.service (https://varlink.org/Service)
// and io.systemd, which has errors only.
import type { Interface } from "./interface.ts";
import { field, int, list, maybe, string } from "./shape.ts";

export const varlinkService: Interface = {
  name: "org.varlink.service",
  comment: "What every Varlink service answers",
  types: {},
  methods: {
    GetInfo: {
      comment: "Say who answers here, and which interfaces there are",
      input: {},
      output: {
        vendor: field(string, "Who makes the service"),
        product: field(string, "What it is called"),
        version: field(string, "Its version"),
        url: field(string, "Where to read more about it"),
        interfaces: field(list(string), "Names of the interfaces it has"),
      },
    },
    GetInterfaceDescription: {
      comment: "Give the definition of one of the interfaces",
      input: { interface: field(string, "Name of the interface") },
      output: { description: field(string, "Its definition, in Varlink's own language") },
    },
  },
  errors: {
    InterfaceNotFound: {
      comment: "There is no such interface here",
      fields: { interface: field(string, "The name that was asked for") },
    },
    MethodNotFound: { comment: "There is no such method here", fields: { method: field(string, "What was called") } },
    MethodNotImplemented: {
      comment: "The method is known, and cannot be called in this way",
      fields: { method: field(string, "What was called") },
    },
    InvalidParameter: {
      comment: "A parameter is absent, unknown, or not what it has to be",
      fields: { parameter: field(string, "Its name") },
    },
    PermissionDenied: { comment: "The caller may not do that", fields: {} },
    ExpectedMore: { comment: "The method can only be called by who takes several replies", fields: {} },
  },
};

export const systemdErrors: Interface = {
  name: "io.systemd",
  comment: "Errors that all services of systemd share",
  types: {},
  methods: {},
  errors: {
    Disconnected: { comment: "The connection was lost; made up by the client, never sent", fields: {} },
    TimedOut: { comment: "The call took too long; made up by the client, never sent", fields: {} },
    Protocol: { comment: "What came was no Varlink; made up by the client, never sent", fields: {} },
    System: {
      comment: "Something failed that has a number in Linux",
      fields: {
        origin: field(maybe(string), "Whose number it is; linux"),
        errnoName: field(maybe(string), "Its name, such as ENOENT"),
        errno: field(maybe(int), "The number"),
      },
    },
  },
};
