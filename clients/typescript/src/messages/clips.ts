export * from "../gen/clipshot/clips/v1/clip_pb.js";
export * from "../gen/clipshot/clips/v1/clip_service_pb.js";
