package main

import (
	"strings"
	"testing"
)

func TestForeignHostsAreRefusedOnEveryRoute(t *testing.T) {
	s := newStack(t)
	for _, path := range []string{"/", "/docs", "/openapi.json", "/healthz", "/login?code=good", "/api/v1/clips", "/api/v1/clips/clp_1/media", "/nothing"} {
		for _, host := range []string{"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "[::2]:8000", "10.0.0.1"} {
			if got := s.reason(403, "GET", path, "", "Host: "+host); got != "HOST_NOT_ALLOWED" {
				t.Errorf("%s as %s: reason %s", path, host, got)
			}
		}
	}
}

func TestKnownHostsAreServed(t *testing.T) {
	s := newStack(t)
	for _, host := range []string{"localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:8000", "[::1]", "clips.home", "Clips.Home:80"} {
		s.call(200, "GET", "/openapi.json", "", "Host: "+host)
	}
}

func TestForeignOriginsMayOnlyReadPlainly(t *testing.T) {
	s := newStack(t)
	own := "Origin: " + s.url
	for name, test := range map[string]struct {
		method  string
		headers []string
		allowed bool
	}{
		"no origin":            {"DELETE", nil, true},
		"own":                  {"DELETE", []string{own}, true},
		"own with cookie":      {"GET", []string{own, "Cookie: clipshot_login=c"}, true},
		"configured":           {"DELETE", []string{"Origin: " + friendlyOrigin}, true},
		"configured, cookie":   {"DELETE", []string{"Origin: " + friendlyOrigin, "Cookie: clipshot_login=c"}, true},
		"foreign plain GET":    {"GET", []string{"Origin: https://evil.example"}, true},
		"foreign cookie GET":   {"GET", []string{"Origin: https://evil.example", "Cookie: clipshot_login=c"}, false},
		"foreign DELETE":       {"DELETE", []string{"Origin: https://evil.example"}, false},
		"foreign preflight":    {"OPTIONS", []string{"Origin: https://evil.example", "Access-Control-Request-Method: DELETE"}, false},
		"another port":         {"DELETE", []string{"Origin: http://127.0.0.1:1"}, false},
		"sandboxed":            {"DELETE", []string{"Origin: null"}, false},
		"configured as prefix": {"DELETE", []string{"Origin: " + friendlyOrigin + ".evil.example"}, false},
	} {
		response := s.send(test.method, "/api/v1/clips/clp_1", "", test.headers...)
		if allowed := response.StatusCode != 403; allowed != test.allowed {
			t.Errorf("%s: status %d", name, response.StatusCode)
		}
	}
	if got := s.reason(403, "POST", "/api/v1/clips:purge", "{}", "Origin: https://evil.example"); got != "ORIGIN_NOT_ALLOWED" {
		t.Errorf("reason %s", got)
	}
}

func TestConfiguredOriginsCallWithCredentials(t *testing.T) {
	s := newStack(t)
	_, header := s.call(204, "OPTIONS", "/api/v1/clips/clp_1", "", "Origin: "+friendlyOrigin,
		"Access-Control-Request-Method: PATCH", "Access-Control-Request-Headers: content-type, x-api-key")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin":      friendlyOrigin,
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Methods":     "DELETE, GET, HEAD, OPTIONS, PATCH",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
	for _, wanted := range []string{"X-API-Key", "Content-Type", "Last-Event-ID", "Range"} {
		if !strings.Contains(header.Get("Access-Control-Allow-Headers"), wanted) {
			t.Errorf("%s is not allowed", wanted)
		}
	}

	_, header = s.call(404, "GET", "/api/v1/clips/missing", "", "Origin: "+friendlyOrigin)
	if header.Get("Access-Control-Allow-Origin") != friendlyOrigin || !strings.Contains(header.Get("Vary"), "Origin") {
		t.Errorf("an error cannot be read: %v", header)
	}
	if !strings.Contains(header.Get("Access-Control-Expose-Headers"), "X-Next-Page-Token") {
		t.Errorf("exposed %q", header.Get("Access-Control-Expose-Headers"))
	}

	_, header = s.call(200, "GET", "/api/v1/clips", "", "Origin: https://evil.example")
	if got := header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("a foreign origin may read: %q", got)
	}
}
