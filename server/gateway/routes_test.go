package main

import "testing"

func TestWrongMethodsGetTheTrueAllowList(t *testing.T) {
	s := newStack(t)
	for path, allowed := range map[string]string{
		"/api/v1/clips":                           "GET, HEAD, OPTIONS",
		"/api/v1/clips/clp_1":                     "DELETE, GET, HEAD, OPTIONS, PATCH",
		"/api/v1/clips/clp_1/media":               "GET, HEAD, OPTIONS",
		"/api/v1/clips/clp_1:undelete":            "DELETE, GET, HEAD, OPTIONS, PATCH, POST",
		"/api/v1/clips:purge":                     "OPTIONS, POST",
		"/api/v1/capture/sessions":                "GET, HEAD, OPTIONS, POST",
		"/api/v1/capture/sessions/s/markers/m":    "DELETE, OPTIONS",
		"/api/v1/system/events":                   "GET, OPTIONS", // a stream has no HEAD
		"/api/v1/capture/sessions/s/live.mp4":     "GET, OPTIONS",
		"/api/v1/capture/sessions/s/preview.h264": "GET, OPTIONS",
		"/healthz":      "GET, HEAD, OPTIONS",
		"/docs":         "GET, HEAD, OPTIONS",
		"/openapi.json": "GET, HEAD, OPTIONS",
		"/login":        "GET, HEAD, OPTIONS",
		"/api/v1/capture/sessions/current/events/":  "GET, OPTIONS",
		"/api/v1/capture/sessions/current/preview/": "GET, HEAD, OPTIONS",
	} {
		_, header := s.call(405, "PUT", path, "{}")
		if got := header.Get("Allow"); got != allowed {
			t.Errorf("PUT %s: Allow %q, want %q", path, got, allowed)
		}
		_, header = s.call(204, "OPTIONS", path, "")
		if got := header.Get("Allow"); got != allowed {
			t.Errorf("OPTIONS %s: Allow %q, want %q", path, got, allowed)
		}
	}
	if got := s.reason(405, "POST", "/api/v1/clips/clp_1", "{}"); got != "METHOD_NOT_ALLOWED" {
		t.Errorf("reason %s", got)
	}
	s.call(405, "HEAD", "/api/v1/system/events", "")
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	s := newStack(t)
	for _, path := range []string{"/api/v1/nothing", "/api/", "/nothing.html", "/docs/nothing.js", "/api/v1/clips/a/b/c", "/api/v1//clips"} {
		for _, method := range []string{"GET", "POST", "OPTIONS"} {
			if got := s.reason(404, method, path, ""); got != "ROUTE_NOT_FOUND" {
				t.Errorf("%s %s: reason %s", method, path, got)
			}
		}
	}
}

func TestOneTrailingSlashIsIgnored(t *testing.T) {
	s := newStack(t)
	s.call(200, "GET", "/api/v1/clips/", "")
	s.call(200, "GET", "/api/v1/clips/?page_size=1", "")
	s.call(200, "GET", "/docs/", "")
	s.call(404, "GET", "/api/v1/clips//", "")
	if clip := s.object(200, "GET", "/api/v1/clips/clp_1/", ""); clip["clip_id"] != "clp_1" {
		t.Errorf("clip %v", clip)
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	s := newStack(t)
	body, header := s.call(200, "HEAD", "/api/v1/clips/clp_1", "")
	if body != "" || header.Get("Content-Type") != "application/json" || header.Get("Content-Length") == "" {
		t.Errorf("body %q, header %v", body, header)
	}
	s.call(404, "HEAD", "/api/v1/clips/missing", "")
	s.call(200, "HEAD", "/docs", "")
	s.call(200, "HEAD", "/healthz", "")
}

func TestTheMethodIsThatOfTheRequestLine(t *testing.T) {
	s := newStack(t)
	form := "Content-Type: application/x-www-form-urlencoded"
	s.call(405, "POST", "/api/v1/clips", "page_size=1", form)
	s.call(405, "POST", "/api/v1/clips/clp_1", "", form, "X-HTTP-Method-Override: DELETE")
}

func TestEncodedSlashesStayWithinTheirSegment(t *testing.T) {
	s := newStack(t)
	if clip := s.object(200, "GET", "/api/v1/clips/a%2Fmedia", ""); clip["clip_id"] != "a/media" {
		t.Errorf("clip %v", clip)
	}
	if clip := s.object(200, "GET", "/api/v1/clips/a%20b", ""); clip["clip_id"] != "a b" {
		t.Errorf("clip %v", clip)
	}
}
