package main

import "testing"

func TestUnknownParametersAreRefused(t *testing.T) {
	s := newStack(t)
	for _, query := range []string{"favorite=true", "=x", "=&page_size=2", "%ff=1", "page%00size=1"} {
		answer := s.object(400, "GET", "/api/v1/clips?"+query, "")
		if got := reasonOf(t, answer); got != "PARAMETER_UNKNOWN" {
			t.Errorf("%s: reason %s in %v", query, got, answer)
		}
	}
	s.object(200, "GET", "/api/v1/clips?favourite=true&page_size=2", "")
}
