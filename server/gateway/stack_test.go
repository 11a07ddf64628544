package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

const friendlyOrigin = "http://localhost:3000"

// stack is a gateway in front of a fake core.
type stack struct {
	t       *testing.T
	core    *fakeCore
	gateway *gateway
	url     string
	stop    context.CancelFunc // as SIGTERM does
	logs    *syncBuffer
}

func newStack(t *testing.T) *stack {
	t.Helper()
	core := startFakeCore(t)
	files, err := openAssets("")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := dialCore(core.target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	live, err := dialCoreForPictures(core.target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = live.Close() })
	ctx, stop := context.WithCancel(context.Background())
	logs := &syncBuffer{}
	policy := newAccessPolicy([]string{"clips.home:8000"}, []string{friendlyOrigin + "/"})
	handler, err := newGateway(ctx, conn, live, files, policy, slog.New(slog.NewJSONHandler(logs, nil)))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnContext = withConnection
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(stop)
	return &stack{t: t, core: core, gateway: handler, url: server.URL, stop: stop, logs: logs}
}

// client follows no redirects, so that tests see them.
var client = &http.Client{
	Timeout:       10 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send makes a request; headers are "Name: value". The answer's body is read by the caller.
func (s *stack) send(method, path, body string, headers ...string) *http.Response {
	s.t.Helper()
	request, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			request.Host = value
			continue
		}
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// call is send with the status checked and the body read.
func (s *stack) call(wanted int, method, path, body string, headers ...string) (string, http.Header) {
	s.t.Helper()
	response := s.send(method, path, body, headers...)
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if response.StatusCode != wanted {
		s.t.Fatalf("%s %s: status %d, want %d: %s", method, path, response.StatusCode, wanted, content)
	}
	return string(content), response.Header
}

// object is call for an answer that is one JSON object.
func (s *stack) object(wanted int, method, path, body string, headers ...string) map[string]any {
	s.t.Helper()
	content, header := s.call(wanted, method, path, body, headers...)
	if got := header.Get("Content-Type"); got != "application/json" {
		s.t.Fatalf("%s %s: content type %q", method, path, got)
	}
	var decoded map[string]any
	if err := json.Unmarshal([]byte(content), &decoded); err != nil {
		s.t.Fatalf("%s %s: %v: %s", method, path, err, content)
	}
	return decoded
}

// reason is object for an error: it checks the shape that all errors have and answers the reason.
func (s *stack) reason(wanted int, method, path, body string, headers ...string) string {
	s.t.Helper()
	return reasonOf(s.t, s.object(wanted, method, path, body, headers...))
}

func reasonOf(t *testing.T, decoded map[string]any) string {
	t.Helper()
	if code, ok := decoded["code"].(float64); !ok || code == 0 {
		t.Fatalf("no code: %v", decoded)
	}
	if message, _ := decoded["message"].(string); message == "" {
		t.Fatalf("no message: %v", decoded)
	}
	details, _ := decoded["details"].([]any)
	var reasons []string
	for _, detail := range details {
		fields := detail.(map[string]any)
		if fields["@type"] == "type.googleapis.com/google.rpc.ErrorInfo" {
			if fields["domain"] != "clipshot" {
				t.Fatalf("domain %v", fields["domain"])
			}
			reasons = append(reasons, fields["reason"].(string))
		}
	}
	if len(reasons) != 1 {
		t.Fatalf("want exactly one ErrorInfo: %v", decoded)
	}
	return reasons[0]
}

// detailed makes an error as the core does: with an ErrorInfo, and other details that fit.
func detailed(code codes.Code, message, reason string, more ...protoadapt.MessageV1) error {
	details := append([]protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: reason, Domain: errorDomain}}, more...)
	st, err := status.New(code, message).WithDetails(details...)
	if err != nil {
		return err
	}
	return st.Err()
}

func durationOf(d time.Duration) *durationpb.Duration { return durationpb.New(d) }

// syncBuffer is a buffer that a logger and a test share.
type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
