package main

import (
	"maps"
	"strings"
	"testing"
)

func TestTheCoreLearnsOfTheCallerAndNothingElse(t *testing.T) {
	s := newStack(t)
	for name, test := range map[string]struct {
		method, path string
		headers      []string
		want         map[string]string
	}{
		"key":    {"GET", "/api/v1/clips", []string{"X-API-Key: k1"}, map[string]string{"x-api-key": "k1"}},
		"bearer": {"GET", "/api/v1/clips", []string{"Authorization: bearer k2"}, map[string]string{"x-api-key": "k2"}},
		"basic":  {"GET", "/api/v1/clips", []string{"Authorization: Basic azI6"}, nil},
		"cookie": {"GET", "/api/v1/clips", []string{"Cookie: other=1; clipshot_login=c1"}, map[string]string{"x-clipshot-cookie": "c1"}},
		"signed": {"GET", "/api/v1/clips/a%20b?sig=ab&expires=17", nil, map[string]string{"x-clipshot-signed": "/api/v1/clips/a%20b?sig=ab&expires=17"}},
		"signed with a slash": {"GET", "/api/v1/clips/?page_size=1&expires=17&sig=ab", nil,
			map[string]string{"x-clipshot-signed": "/api/v1/clips/?page_size=1&expires=17&sig=ab"}},
		"only reading is signed": {"DELETE", "/api/v1/clips/clp_1?sig=ab", nil, nil},
		"request id":             {"GET", "/api/v1/clips", []string{"X-Request-Id: r1"}, map[string]string{"x-request-id": "r1"}},
		"last event":             {"GET", "/api/v1/clips", []string{"Last-Event-ID: e-1"}, map[string]string{"last-event-id": "e-1"}},
		"smuggled":               {"GET", "/api/v1/clips", []string{"Grpc-Metadata-X-Api-Key: k", "X-Clipshot-Cookie: c", "X-Clipshot-Signed: /", "X-Forwarded-For: 1.2.3.4"}, nil},
		"unprintable":            {"GET", "/api/v1/clips", []string{"X-API-Key: kéy"}, nil},
		"endless":                {"GET", "/api/v1/clips", []string{"X-API-Key: " + strings.Repeat("k", maxCallerValue+1)}, nil},
	} {
		response := s.send(test.method, test.path, "", test.headers...)
		if response.StatusCode >= 300 {
			t.Fatalf("%s: status %d", name, response.StatusCode)
		}
		want := map[string]string{"x-clipshot-method": test.method}
		maps.Copy(want, test.want)
		if got := s.core.lastMetadata(); !maps.Equal(got, want) {
			t.Errorf("%s: the core got %v, want %v", name, got, want)
		}
	}
}

func TestASignatureIsNoParameterOfTheRequest(t *testing.T) {
	s := newStack(t)
	s.call(200, "GET", "/api/v1/clips?page_size=7&expires=17&sig=ab", "")
	if got := s.core.list.GetPageSize(); got != 7 {
		t.Errorf("page_size %d", got)
	}
}

func TestHeadReachesTheCoreAsHead(t *testing.T) {
	s := newStack(t)
	s.call(200, "HEAD", "/api/v1/clips", "")
	if got := s.core.lastMetadata()["x-clipshot-method"]; got != "HEAD" {
		t.Errorf("x-clipshot-method %q", got)
	}
}
