package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	capturev1 "clipshot/gateway/gen/clipshot/capture/v1"
)

const (
	livePath    = "/api/v1/capture/sessions/ses_1/live.mp4"
	previewPath = "/api/v1/capture/sessions/ses_1/preview.h264"
)

// take reads exactly as many bytes as text has and compares them.
func take(t *testing.T, body io.Reader, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(body, got); err != nil || string(got) != text {
		t.Fatalf("read %q, %v; want %q", got, err, text)
	}
}

func chunks(parts ...string) *capturev1.StreamChunksResponse {
	answer := &capturev1.StreamChunksResponse{}
	for _, part := range parts {
		answer.Chunks = append(answer.Chunks, &capturev1.MediaChunk{Data: []byte(part)})
	}
	return answer
}

func TestLiveIsTheInitSegmentAndEachChunkAtOnce(t *testing.T) {
	s := newStack(t)
	s.core.chunks <- &capturev1.StreamChunksResponse{InitSegment: []byte("ftypmoov")}
	response := s.send("GET", livePath, "", "Range: bytes=0-")
	if response.StatusCode != 200 {
		t.Fatalf("status %d: a stream has no ranges", response.StatusCode)
	}
	for name, want := range map[string]string{
		"Content-Type": "video/mp4", "Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Length": "", "Accept-Ranges": "",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
	take(t, response.Body, "ftypmoov")
	// Each is read before the next is sent: a gateway that held one back would hang here.
	s.core.chunks <- chunks("moof1mdat1", "moof2mdat2")
	take(t, response.Body, "moof1mdat1moof2mdat2")
	s.core.chunks <- chunks("moof3mdat3")
	take(t, response.Body, "moof3mdat3")
	close(s.core.chunks)
	if rest, err := io.ReadAll(response.Body); len(rest) != 0 || err != nil {
		t.Errorf("after the end: %q, %v", rest, err)
	}
}

func TestLiveErrorBeforeTheFirstChunkIsAnOrdinaryAnswer(t *testing.T) {
	s := newStack(t)
	if got := s.reason(404, "GET", "/api/v1/capture/sessions/missing/live.mp4", ""); got != "SESSION_NOT_FOUND" {
		t.Errorf("reason %s", got)
	}
	for _, path := range []string{livePath, previewPath} {
		if got := s.reason(400, "GET", path+"?width=3", ""); got != "PARAMETER_UNKNOWN" {
			t.Errorf("reason %s", got)
		}
	}
	if got := s.reason(400, "GET", previewPath+"?max_width=wide", ""); got != "MALFORMED_REQUEST" {
		t.Errorf("reason %s", got)
	}
}

func TestLiveThatFailsIsNotTakenForWhole(t *testing.T) {
	s := newStack(t)
	s.core.chunks <- &capturev1.StreamChunksResponse{InitSegment: []byte("ftypmoov")}
	response := s.send("GET", livePath, "")
	take(t, response.Body, "ftypmoov")
	s.core.chunks <- nil
	if _, err := io.ReadAll(response.Body); err != io.ErrUnexpectedEOF {
		t.Errorf("the body ends with %v", err)
	}
}

func TestLivePicturesAskTheCoreWithTheSignature(t *testing.T) {
	s := newStack(t)
	close(s.core.chunks)
	s.call(200, "GET", livePath+"?expires=17&sig=ab", "")
	if got := s.core.lastMetadata()["x-clipshot-signed"]; got != livePath+"?expires=17&sig=ab" {
		t.Errorf("x-clipshot-signed %q", got)
	}
}

// record is one record of a preview.
type record struct {
	kind, flags byte
	numbers     [6]int64 // sequence, pts, capture, ready, sent, dropped
	payload     string
}

func readRecord(t *testing.T, body io.Reader) record {
	t.Helper()
	var header struct {
		Kind, Flags byte
		HeaderBytes uint16
		Payload     uint32
		Numbers     [6]int64
	}
	if err := binary.Read(body, binary.BigEndian, &header); err != nil {
		t.Fatal(err)
	}
	if header.HeaderBytes != 56 {
		t.Fatalf("header of %d bytes", header.HeaderBytes)
	}
	payload := make([]byte, header.Payload)
	if _, err := io.ReadFull(body, payload); err != nil {
		t.Fatal(err)
	}
	return record{header.Kind, header.Flags, header.Numbers, string(payload)}
}

func picture(unit *capturev1.AccessUnit) *capturev1.StreamPreviewResponse {
	return &capturev1.StreamPreviewResponse{Message: &capturev1.StreamPreviewResponse_AccessUnit{AccessUnit: unit}}
}

func previewStart() *capturev1.StreamPreviewResponse {
	return &capturev1.StreamPreviewResponse{Message: &capturev1.StreamPreviewResponse_Start_{
		Start: &capturev1.StreamPreviewResponse_Start{PreviewId: "prv_1", Codec: "avc1.42c01f", Width: 960, Height: 540, MonotonicNs: 7},
	}}
}

func TestPreviewIsRecords(t *testing.T) {
	s := newStack(t)
	s.core.pictures <- previewStart()
	response := s.send("GET", previewPath+"?max_width=960&acknowledge=true", "")
	if got := response.Header.Get("Content-Type"); got != "application/octet-stream" {
		t.Errorf("content type %q", got)
	}
	if asked := <-s.core.watched; asked.GetSessionId() != "ses_1" || asked.GetMaxWidth() != 960 || !asked.GetAcknowledge() {
		t.Errorf("asked %v", asked)
	}
	first := readRecord(t, response.Body)
	var start map[string]any
	if err := json.Unmarshal([]byte(first.payload), &start); err != nil || first.kind != 1 || first.numbers != [6]int64{} {
		t.Fatalf("first record %v, %v", first, err)
	}
	for name, want := range map[string]any{"preview_id": "prv_1", "codec": "avc1.42c01f", "width": 960.0, "height": 540.0, "monotonic_ns": "7"} {
		if start[name] != want {
			t.Errorf("%s %v, want %v", name, start[name], want)
		}
	}

	s.core.pictures <- picture(&capturev1.AccessUnit{
		Sequence: 1, Key: true, Pts: durationOf(33 * time.Millisecond), CaptureNs: 2, ReadyNs: 3, SentNs: 1 << 40, Dropped: 5, Data: []byte("idr"),
	})
	want := record{2, 1, [6]int64{1, 33_000_000, 2, 3, 1 << 40, 5}, "idr"}
	if got := readRecord(t, response.Body); got != want {
		t.Errorf("record %v, want %v", got, want)
	}
	s.core.pictures <- picture(&capturev1.AccessUnit{Sequence: 2, Data: []byte("p")})
	if got := readRecord(t, response.Body); got != (record{2, 0, [6]int64{2}, "p"}) {
		t.Errorf("record %v", got)
	}

	s.core.pictures <- nil
	last := readRecord(t, response.Body)
	if last.kind != 3 || !strings.Contains(last.payload, "STORE_DAMAGED") {
		t.Errorf("last record %v", last)
	}
	if rest, err := io.ReadAll(response.Body); len(rest) != 0 || err != nil {
		t.Errorf("after the end: %q, %v", rest, err)
	}
}

func TestAViewerThatGoesEndsTheCall(t *testing.T) {
	s := newStack(t)
	s.core.pictures <- previewStart()
	response := s.send("GET", previewPath, "")
	readRecord(t, response.Body)
	_ = response.Body.Close()
	waitFor(t, s.core.ended, "the core's stream goes on")
}

// TestAStuckViewerIsLetGoAndDelaysNobody has one client that takes nothing beside one that reads.
func TestAStuckViewerIsLetGoAndDelaysNobody(t *testing.T) {
	s := newStack(t)
	s.gateway.patience = 300 * time.Millisecond
	address := strings.TrimPrefix(s.url, "http://")
	stuck, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	if _, err := io.WriteString(stuck, "GET "+livePath+" HTTP/1.1\r\nHost: "+address+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	large := bytes.Repeat([]byte("x"), 1<<20)
	stopFeeding := make(chan struct{})
	defer close(stopFeeding)
	go func() {
		for { // until the kernel's buffers are full, whatever their size
			select {
			case s.core.chunks <- &capturev1.StreamChunksResponse{InitSegment: large}:
			case <-stopFeeding:
				return
			}
		}
	}()

	s.core.pictures <- previewStart()
	response := s.send("GET", previewPath, "")
	readRecord(t, response.Body)
	waitFor(t, s.core.ended, "a client that reads nothing is kept")
	s.core.pictures <- picture(&capturev1.AccessUnit{Sequence: 1, Data: []byte("p")})
	if got := readRecord(t, response.Body); got.payload != "p" {
		t.Errorf("record %v", got)
	}
}

func TestLivePicturesAreNotPosted(t *testing.T) {
	s := newStack(t)
	for _, path := range []string{livePath, previewPath} {
		for _, method := range []string{http.MethodPost, http.MethodHead} {
			if response := s.send(method, path, ""); response.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: status %d", method, path, response.StatusCode)
			}
		}
	}
}
