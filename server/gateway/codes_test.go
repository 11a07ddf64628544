package main

import "testing"

func TestSuccessCodesComeFromTheContract(t *testing.T) {
	s := newStack(t)

	body, header := s.call(201, "POST", "/api/v1/capture/sessions", `{"title":"t","mode":"both"}`)
	if got := header.Get("Location"); got != "/api/v1/capture/sessions/ses_1" {
		t.Errorf("Location %q in %s", got, body)
	}

	body, header = s.call(204, "DELETE", "/api/v1/clips/clp_1", "")
	if body != "" || header.Get("Content-Type") != "" {
		t.Errorf("204 with body %q, type %q", body, header.Get("Content-Type"))
	}

	s.object(200, "GET", "/api/v1/clips/clp_1", "")
}

func TestCoreOverridesTheCode(t *testing.T) {
	s := newStack(t)
	answer := s.object(503, "GET", "/api/v1/system/health", "")
	if answer["status"] != "unhealthy" {
		t.Errorf("a 503 of GetHealth is still the health: %v", answer)
	}
}

func TestOnlyChosenMetadataBecomesHeaders(t *testing.T) {
	s := newStack(t)
	_, header := s.call(200, "POST", "/api/v1/clips:purge", `{}`)
	if header.Get("X-Operation-Id") != "op_1" || header.Get("X-Next-Page-Token") != "more" {
		t.Errorf("headers lost: %v", header)
	}
	for name := range header {
		if name == "X-Private" || name == "Grpc-Metadata-X-Private" {
			t.Errorf("%s leaked", name)
		}
	}
}

func TestHTTPBodyIsServedAsItIs(t *testing.T) {
	s := newStack(t)
	body, header := s.call(200, "GET", "/api/v1/capture/sessions/current/preview", "")
	if body != "\xff\xd8picture" || header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("got %q as %q", body, header.Get("Content-Type"))
	}
	if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", header)
	}
}
