package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

func TestErrorsOfTheCorePassAsTheyAre(t *testing.T) {
	s := newStack(t)
	answer := s.object(404, "GET", "/api/v1/clips/missing", "")
	if answer["message"] != "there is no clip missing" || answer["code"] != 5.0 {
		t.Errorf("answer %v", answer)
	}
	if got := reasonOf(t, answer); got != "CLIP_NOT_FOUND" {
		t.Errorf("reason %s", got)
	}
	details := answer["details"].([]any)
	if len(details) != 2 || details[1].(map[string]any)["resource_name"] == nil {
		t.Errorf("details %v", details)
	}
}

func TestUnauthenticatedSaysHow(t *testing.T) {
	s := newStack(t)
	_, header := s.call(401, "GET", "/api/v1/clips/locked", "")
	if got := header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "ApiKey ") {
		t.Errorf("WWW-Authenticate %q", got)
	}
}

func TestRetryDelayBecomesAHeader(t *testing.T) {
	s := newStack(t)
	_, header := s.call(429, "GET", "/api/v1/system/metrics", "")
	if got := header.Get("Retry-After"); got != "3" {
		t.Errorf("Retry-After %q for 2.5 s", got)
	}
}

func TestErrorsWithoutDetailsGetAReason(t *testing.T) {
	s := newStack(t)
	if got := s.reason(500, "GET", "/api/v1/clips/bare", ""); got != "INTERNAL" {
		t.Errorf("reason %s", got)
	}
	if got := s.reason(501, "GET", "/api/v1/system/version", ""); got != "UNIMPLEMENTED" {
		t.Errorf("reason %s", got)
	}
}

func TestBadRequestsAreToldFromTheirBodies(t *testing.T) {
	s := newStack(t)
	for name, body := range map[string]string{
		"unknown member": `{"titel":"t"}`,
		"no JSON":        `{"title":`,
		"wrong type":     `{"title":7}`,
		"unknown state":  `{"mode":"MODE_BOTH"}`,
	} {
		answer := s.object(400, "POST", "/api/v1/capture/sessions", body)
		if got := reasonOf(t, answer); got != "MALFORMED_REQUEST" {
			t.Errorf("%s: reason %s", name, got)
		}
		if strings.HasPrefix(answer["message"].(string), "proto:") {
			t.Errorf("%s: message %q", name, answer["message"])
		}
	}
	answer := s.object(400, "POST", "/api/v1/capture/sessions", `{"titel":"t"}`)
	if !strings.Contains(answer["message"].(string), `unknown field "titel"`) {
		t.Errorf("the member is not named: %v", answer["message"])
	}
}

func TestLargeBodiesAreRefused(t *testing.T) {
	s := newStack(t)
	body := `{"title":"` + strings.Repeat("x", maxBodyBytes) + `"}`
	if got := s.reason(413, "POST", "/api/v1/capture/sessions", body); got != "BODY_TOO_LARGE" {
		t.Errorf("told length: %s", got)
	}

	request, _ := http.NewRequest("POST", s.url+"/api/v1/capture/sessions", io.MultiReader(strings.NewReader(body)))
	request.ContentLength = -1
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, _ := io.ReadAll(response.Body)
	if response.StatusCode != 413 || !strings.Contains(string(content), "BODY_TOO_LARGE") {
		t.Errorf("untold length: %d %s", response.StatusCode, content)
	}
}

func TestCoreThatIsDownIsSaidSo(t *testing.T) {
	s := newStack(t)
	s.call(200, "GET", "/healthz", "")
	s.core.server.Stop()
	for _, path := range []string{"/api/v1/clips", "/api/v1/system/events", "/healthz", "/api/v1/clips/clp_1/media", "/login?code=good"} {
		content, header := s.call(503, "GET", path, "")
		if !strings.Contains(content, "CORE_UNAVAILABLE") || header.Get("Retry-After") != "1" {
			t.Errorf("%s: %s", path, content)
		}
		if strings.Contains(content, "core.sock") {
			t.Errorf("%s names the socket: %s", path, content)
		}
	}
	s.call(200, "GET", "/docs", "")
}

func TestHealthzFollowsTheCore(t *testing.T) {
	s := newStack(t)
	if answer := s.object(200, "GET", "/healthz", ""); answer["status"] != "SERVING" {
		t.Errorf("answer %v", answer)
	}
	s.core.health.Shutdown()
	if got := s.reason(503, "GET", "/healthz", ""); got != "NOT_SERVING" {
		t.Errorf("reason %s", got)
	}
}

func TestDetailsOfUnknownTypesAreLeftOut(t *testing.T) {
	known := (&fault{reason: "R", message: "m", code: 5}).status()
	known.Details = append(known.Details, &anypb.Any{TypeUrl: "type.googleapis.com/unknown.Type", Value: []byte{8, 1}})
	body := string(statusJSON(known))
	if !strings.Contains(body, `"R"`) || strings.Contains(body, "unknown.Type") {
		t.Errorf("body %s", body)
	}
	if !strings.Contains(string(statusJSON(&spb.Status{Code: 5, Message: "m"})), `"details":`) {
		t.Error("details are not emitted when empty")
	}
}
