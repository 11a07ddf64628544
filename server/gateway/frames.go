package main

import (
	"bytes"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	eventsv1 "clipshot/gateway/gen/clipshot/events/v1"
)

// eventFrames is the format of the methods that the contract marks `sse`.
var eventFrames = streamFormat{mediaType: "text/event-stream", write: writeFrames, fail: writeStreamError}

// writeStreamError writes the frame that ends a stream. It is not named `error`: that is the event by which a browser's
// EventSource tells a broken connection.
func writeStreamError(frames *bytes.Buffer, st *spb.Status) {
	writeFrame(frames, "", "stream_error", statusJSON(st))
}

// writeFrames writes one message of a stream as frames of an event stream
// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
//
// A batch of events becomes one frame each: its id, if it has one, its type, and its payload alone as data. Another
// message becomes a frame named after the field that it sets. An empty message keeps the connection alive.
func writeFrames(frames *bytes.Buffer, message proto.Message, first bool) error {
	size := frames.Len()
	var err error
	if batch, ok := message.(*eventsv1.SubscribeResponse); ok {
		err = writeBatch(frames, batch)
	} else {
		err = writeResource(frames, message.ProtoReflect())
	}
	if err == nil && frames.Len() == size {
		if first {
			writeGreeting(frames, message)
		} else {
			writeComment(frames, "heartbeat")
		}
	}
	return err
}

func writeBatch(frames *bytes.Buffer, batch *eventsv1.SubscribeResponse) error {
	if gap := batch.GetGap(); gap != nil {
		data, err := wireJSON.Marshal(gap)
		if err != nil {
			return err
		}
		writeFrame(frames, "", "gap", data)
	}
	for _, event := range batch.GetEvents() {
		data, err := payloadJSON(event)
		if err != nil {
			return err
		}
		writeFrame(frames, event.GetEventId(), event.GetType(), data)
	}
	return nil
}

// payloadJSON renders the one payload that an event carries; an empty object without one.
func payloadJSON(event *eventsv1.Event) ([]byte, error) {
	reflected := event.ProtoReflect()
	field := reflected.WhichOneof(reflected.Descriptor().Oneofs().ByName("payload"))
	if field == nil {
		return []byte("{}"), nil
	}
	return wireJSON.Marshal(reflected.Get(field).Message().Interface())
}

func writeResource(frames *bytes.Buffer, message protoreflect.Message) error {
	var failed error
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.Message() == nil || field.IsList() || field.IsMap() {
			return true
		}
		data, err := wireJSON.Marshal(value.Message().Interface())
		if err != nil {
			failed = err
			return false
		}
		writeFrame(frames, "", string(field.Name()), data)
		return true
	})
	return failed
}

// writeFrame writes one frame; data is JSON and so has no line break.
func writeFrame(frames *bytes.Buffer, id, event string, data []byte) {
	if id != "" {
		frames.WriteString("id: " + oneLine(id) + "\n")
	}
	frames.WriteString("event: " + oneLine(event) + "\ndata: ")
	frames.Write(data)
	frames.WriteString("\n\n")
}

// writeGreeting says that the stream is open. An id without data is no event: it only tells a browser where to go on.
func writeGreeting(frames *bytes.Buffer, message proto.Message) {
	if batch, ok := message.(*eventsv1.SubscribeResponse); ok && batch.GetPosition() != "" {
		frames.WriteString("id: " + oneLine(batch.GetPosition()) + "\n")
	}
	writeComment(frames, "hello")
}

func writeComment(frames *bytes.Buffer, text string) {
	frames.WriteString(": " + text + "\n\n")
}

// oneLine keeps a value from ending its line and starting one of its own.
func oneLine(value string) string {
	return strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(value)
}
