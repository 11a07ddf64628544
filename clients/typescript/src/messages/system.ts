export * from "../gen/clipshot/system/v1/access_service_pb.js";
export * from "../gen/clipshot/system/v1/health_pb.js";
export * from "../gen/clipshot/system/v1/metrics_pb.js";
export * from "../gen/clipshot/system/v1/system_service_pb.js";
