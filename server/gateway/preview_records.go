package main

import (
	"bytes"
	"encoding/binary"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	capturev1 "clipshot/gateway/gen/clipshot/capture/v1"
)

// previewRecords is the live preview as records: a header of recordHeaderBytes and a payload. All numbers are big-endian.
//
//	offset  size
//	     0     1  kind: recordStart, recordPicture or recordError
//	     1     1  flags: flagKey
//	     2     2  size of the header; what a later version adds comes at its end
//	     4     4  size of the payload
//	     8     8  sequence of the picture
//	    16     8  presentation time in session time, ns
//	    24     8  when the screen was read, ns of the server's monotonic clock
//	    32     8  when it was encoded, by the same clock
//	    40     8  when the core sent it, by the same clock
//	    48     8  pictures left out for this viewer so far
//
// The fields from offset 8 on are 0 for what is no picture.
var previewRecords = streamFormat{
	mediaType: "application/octet-stream", live: true, write: writeRecord, fail: writeErrorRecord,
}

const recordHeaderBytes = 56

const (
	recordStart   = 1 // the first one; payload: what a viewer must know to decode, StreamPreviewResponse.Start as JSON
	recordPicture = 2 // payload: H.264 in Annex B form, before a keyframe its parameter sets
	recordError   = 3 // the last one, when the stream ends by a fault; payload: google.rpc.Status as JSON
)

// flagKey marks a picture at which decoding can start.
const flagKey = 1

func writeRecord(body *bytes.Buffer, message proto.Message, _ bool) error {
	answer := message.(*capturev1.StreamPreviewResponse)
	if start := answer.GetStart(); start != nil {
		payload, err := wireJSON.Marshal(start)
		if err != nil {
			return err
		}
		appendRecord(body, recordStart, &capturev1.AccessUnit{Data: payload})
	}
	if picture := answer.GetAccessUnit(); picture != nil {
		appendRecord(body, recordPicture, picture)
	}
	return nil
}

func writeErrorRecord(body *bytes.Buffer, st *spb.Status) {
	appendRecord(body, recordError, &capturev1.AccessUnit{Data: statusJSON(st)})
}

func appendRecord(body *bytes.Buffer, kind byte, unit *capturev1.AccessUnit) {
	var flags byte
	if unit.GetKey() {
		flags |= flagKey
	}
	header := make([]byte, 0, recordHeaderBytes)
	header = append(header, kind, flags)
	header = binary.BigEndian.AppendUint16(header, recordHeaderBytes)
	header = binary.BigEndian.AppendUint32(header, uint32(len(unit.GetData())))
	for _, value := range []int64{
		unit.GetSequence(),
		unit.GetPts().AsDuration().Nanoseconds(),
		unit.GetCaptureNs(),
		unit.GetReadyNs(),
		unit.GetSentNs(),
		unit.GetDropped(),
	} {
		header = binary.BigEndian.AppendUint64(header, uint64(value))
	}
	body.Write(header)
	body.Write(unit.GetData())
}
