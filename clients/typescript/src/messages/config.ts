export * from "../gen/clipshot/config/v1/config_service_pb.js";
export * from "../gen/clipshot/config/v1/setting_pb.js";
