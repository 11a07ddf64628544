package main

import (
	"bytes"

	"google.golang.org/protobuf/proto"

	capturev1 "clipshot/gateway/gen/clipshot/capture/v1"
)

// liveMP4 is the session's own stream as one fragmented MP4 without an end: the init segment, then chunks from a keyframe
// on. Times are session time: players begin at the first chunk's, and what a slow reader has skipped is a gap, so that
// picture and sound stay where they belong.
var liveMP4 = streamFormat{mediaType: "video/mp4", live: true, write: writeChunks}

func writeChunks(body *bytes.Buffer, message proto.Message, _ bool) error {
	answer := message.(*capturev1.StreamChunksResponse)
	body.Write(answer.GetInitSegment())
	for _, chunk := range answer.GetChunks() {
		body.Write(chunk.GetData())
	}
	return nil
}
