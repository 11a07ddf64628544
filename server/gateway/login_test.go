package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestLoginSetsTheCookieAndGoesToThePage(t *testing.T) {
	s := newStack(t)
	response := s.send("GET", "/login?code=good", "")
	if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/" {
		t.Fatalf("status %d to %q", response.StatusCode, response.Header.Get("Location"))
	}
	cookies := response.Cookies()
	if len(cookies) != 1 {
		t.Fatalf("cookies %v", cookies)
	}
	c := cookies[0]
	if c.Name != "clipshot_login" || c.Value != "cookie-value" || c.Path != "/" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("cookie %v", c)
	}
	if c.MaxAge <= 0 || c.MaxAge > 24*3600 {
		t.Errorf("max age %d for a day", c.MaxAge)
	}
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
}

func TestAWrongCodeSaysWhatToDo(t *testing.T) {
	s := newStack(t)
	for _, path := range []string{"/login?code=bad", "/login", "/login/?code="} {
		body, header := s.call(401, "GET", path, "")
		if !strings.Contains(body, "clipshot login") || !strings.HasPrefix(header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %s", path, body)
		}
		if header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
	}
}

func TestHeadDoesNotUseTheCodeUp(t *testing.T) {
	s := newStack(t)
	response := s.send("HEAD", "/login?code=good", "")
	if response.StatusCode != http.StatusUnauthorized || len(response.Cookies()) != 0 {
		t.Errorf("status %d, cookies %v", response.StatusCode, response.Cookies())
	}
}
