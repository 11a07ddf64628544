export * from "../gen/clipshot/operations/v1/operation_pb.js";
export * from "../gen/clipshot/operations/v1/operations_service_pb.js";
