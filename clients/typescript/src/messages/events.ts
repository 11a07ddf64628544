export * from "../gen/clipshot/events/v1/event_pb.js";
export * from "../gen/clipshot/events/v1/event_service_pb.js";
export * from "../gen/clipshot/events/v1/payloads_pb.js";
