package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/structpb"

	clipsv1 "clipshot/gateway/gen/clipshot/clips/v1"
	eventsv1 "clipshot/gateway/gen/clipshot/events/v1"
)

// frames reads an event stream frame by frame.
type frames struct {
	t       *testing.T
	scanner *bufio.Scanner
}

func readFrames(t *testing.T, body io.Reader) *frames {
	return &frames{t: t, scanner: bufio.NewScanner(body)}
}

// next answers the lines of the next frame, nil at the end.
func (f *frames) next() []string {
	f.t.Helper()
	var lines []string
	for f.scanner.Scan() {
		line := f.scanner.Text()
		if line == "" {
			return lines
		}
		lines = append(lines, line)
	}
	return lines
}

// expect checks a frame; data is compared without the spaces that protobuf-go varies.
func (f *frames) expect(want ...string) {
	f.t.Helper()
	got := f.next()
	for i := range got {
		if data, ok := strings.CutPrefix(got[i], "data: "); ok {
			got[i] = "data: " + strings.ReplaceAll(strings.ReplaceAll(data, ", ", ","), ": ", ":")
		}
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		f.t.Fatalf("frame %q, want %q", got, want)
	}
}

func TestEventsAreFramed(t *testing.T) {
	s := newStack(t)
	s.core.batches <- &eventsv1.SubscribeResponse{}
	response := s.send("GET", "/api/v1/system/events?event_type=clip:deleted", "",
		"Accept: application/json", "Last-Event-ID: ep-41")
	if got := response.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type %q whatever Accept says", got)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Accel-Buffering": "no"} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s %q", name, got)
		}
	}
	if got := (<-s.core.subscribed).GetEventType(); got != "clip:deleted" {
		t.Errorf("event_type %q", got)
	}
	if got := s.core.lastMetadata()["last-event-id"]; got != "ep-41" {
		t.Errorf("last-event-id %q", got)
	}

	stream := readFrames(t, response.Body)
	stream.expect(": hello")

	custom, _ := structpb.NewStruct(map[string]any{"text": "two\nlines"})
	s.core.batches <- &eventsv1.SubscribeResponse{
		Gap: &eventsv1.SubscribeResponse_Gap{AfterEventId: "ep-41", NextEventId: "ep-50", Missed: 8},
		Events: []*eventsv1.Event{
			{EventId: "ep-50", Type: "clip:deleted", Payload: &eventsv1.Event_ClipDeleted{
				ClipDeleted: &eventsv1.ClipDeleted{ClipId: "clp_1", FreedBytes: 7}}},
			{EventId: "ep-51", Type: "mine:said", Payload: &eventsv1.Event_Custom{Custom: custom}},
			{Type: "capture:stats", Payload: &eventsv1.Event_Stats{Stats: &eventsv1.StatsReported{SessionId: "ses_1"}}},
		},
	}
	stream.expect("event: gap", `data: {"after_event_id":"ep-41","next_event_id":"ep-50","missed":"8"}`)
	stream.expect("id: ep-50", "event: clip:deleted", `data: {"clip_id":"clp_1","freed_bytes":"7"}`)
	stream.expect("id: ep-51", "event: mine:said", `data: {"text":"two\nlines"}`)
	stream.expect("event: capture:stats", `data: {"session_id":"ses_1"}`)

	s.core.batches <- &eventsv1.SubscribeResponse{}
	stream.expect(": heartbeat")

	close(s.core.batches)
	if got := stream.next(); got != nil {
		t.Errorf("after the end: %q", got)
	}
}

func TestTheGreetingTellsABrowserWhereToGoOn(t *testing.T) {
	var frames bytes.Buffer
	if err := writeFrames(&frames, &eventsv1.SubscribeResponse{Position: "ep-41"}, true); err != nil {
		t.Fatal(err)
	}
	if got := frames.String(); got != "id: ep-41\n: hello\n\n" {
		t.Errorf("greeting %q", got)
	}
}

func TestNamesInFramesCannotStartLinesOfTheirOwn(t *testing.T) {
	s := newStack(t)
	s.core.batches <- &eventsv1.SubscribeResponse{Events: []*eventsv1.Event{{EventId: "1\nid: 2", Type: "a\r\ndata: x"}}}
	close(s.core.batches)
	response := s.send("GET", "/api/v1/system/events", "")
	readFrames(t, response.Body).expect("id: 1id: 2", "event: adata: x", "data: {}")
}

func TestResourcesAreFramed(t *testing.T) {
	s := newStack(t)
	body, header := s.call(200, "GET", "/api/v1/capture/sessions/ses_1/events", "")
	if got := header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type %q", got)
	}
	stream := readFrames(t, strings.NewReader(body))
	frame := stream.next()
	if len(frame) != 2 || frame[0] != "event: session" || !strings.Contains(strings.ReplaceAll(frame[1], " ", ""), `"session_id":"ses_1"`) {
		t.Errorf("frame %q", frame)
	}
	stream.expect(": heartbeat")
}

func TestErrorBeforeTheFirstFrameIsAnOrdinaryAnswer(t *testing.T) {
	s := newStack(t)
	if got := s.reason(403, "GET", "/api/v1/system/events?event_type=refused", ""); got != "EVENTS_REFUSED" {
		t.Errorf("reason %s", got)
	}
	if got := s.reason(400, "GET", "/api/v1/system/events?min_priority=loud", ""); got != "MALFORMED_REQUEST" {
		t.Errorf("reason %s", got)
	}
	if got := s.reason(501, "GET", "/api/v1/operations/op_1/events", ""); got != "UNIMPLEMENTED" {
		t.Errorf("reason %s", got)
	}
}

func TestErrorWithinAStreamIsItsLastFrame(t *testing.T) {
	s := newStack(t)
	s.core.batches <- &eventsv1.SubscribeResponse{}
	response := s.send("GET", "/api/v1/system/events", "")
	s.core.batches <- nil
	stream := readFrames(t, response.Body)
	stream.expect(": hello")
	frame := stream.next()
	if len(frame) != 2 || frame[0] != "event: stream_error" || !strings.Contains(frame[1], "STORE_DAMAGED") {
		t.Errorf("frame %q", frame)
	}
	if got := stream.next(); got != nil {
		t.Errorf("after the error: %q", got)
	}
}

func TestClosingTheClientEndsTheCall(t *testing.T) {
	s := newStack(t)
	s.core.batches <- &eventsv1.SubscribeResponse{}
	response := s.send("GET", "/api/v1/system/events", "")
	readFrames(t, response.Body).expect(": hello")
	_ = response.Body.Close()
	waitFor(t, s.core.ended, "the core's stream goes on")
}

func TestStoppingTheGatewayEndsStreams(t *testing.T) {
	s := newStack(t)
	s.core.batches <- &eventsv1.SubscribeResponse{}
	response := s.send("GET", "/api/v1/system/events", "")
	stream := readFrames(t, response.Body)
	stream.expect(": hello")
	s.stop()
	if got := stream.next(); got != nil || stream.scanner.Err() != nil {
		t.Errorf("a stream that is stopped says %q and ends with %v", got, stream.scanner.Err())
	}
	waitFor(t, s.core.ended, "the core's stream goes on")
}

func TestEveryFrameIsSentAtOnce(t *testing.T) {
	s := newStack(t)
	s.core.batches <- &eventsv1.SubscribeResponse{}
	response := s.send("GET", "/api/v1/system/events", "")
	stream := readFrames(t, response.Body)
	stream.expect(": hello")
	for range 3 { // each is read before the next is sent: a gateway that held one back would hang here
		s.core.batches <- &eventsv1.SubscribeResponse{Events: []*eventsv1.Event{{
			EventId: "ep-1", Type: "clip:created", Payload: &eventsv1.Event_ClipCreated{
				ClipCreated: &eventsv1.ClipCreated{Clip: &clipsv1.Clip{ClipId: "clp_1"}}},
		}}}
		if frame := stream.next(); len(frame) != 3 || frame[1] != "event: clip:created" {
			t.Fatalf("frame %q", frame)
		}
	}
}

func TestStreamsAreNotServedToPosts(t *testing.T) {
	s := newStack(t)
	response := s.send(http.MethodPost, "/api/v1/system/events", "{}")
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("status %d", response.StatusCode)
	}
}

func waitFor(t *testing.T, signal <-chan struct{}, otherwise string) {
	t.Helper()
	select {
	case <-signal:
	case <-time.After(10 * time.Second):
		t.Fatal(otherwise)
	}
}
