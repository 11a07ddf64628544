package main

import "testing"

func TestUnknownParametersAreRefused(t *testing.T) {
	s := newStack(t)
	answer := s.object(400, "GET", "/api/v1/clips?favorite=true", "")
	if got := reasonOf(t, answer); got != "PARAMETER_UNKNOWN" {
		t.Errorf("reason %s in %v", got, answer)
	}
	s.object(200, "GET", "/api/v1/clips?favourite=true&page_size=2", "")
}
