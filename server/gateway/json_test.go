package main

import (
	"slices"
	"testing"

	clipsv1 "clipshot/gateway/gen/clipshot/clips/v1"
)

func TestJSONUsesTheNamesOfTheRESTFace(t *testing.T) {
	s := newStack(t)
	clip := s.object(200, "GET", "/api/v1/clips/clp_1", "")
	for name, wanted := range map[string]any{
		"clip_id":     "clp_1",
		"state":       "ready",
		"origin":      "replay",
		"size_bytes":  "5000000000",
		"create_time": "2023-11-14T22:13:20Z",
		"favourite":   false, // unset scalars are emitted
		"title":       "",
	} {
		if got := clip[name]; got != wanted {
			t.Errorf("%s = %v, want %v", name, got, wanted)
		}
	}
	if _, present := clip["expire_time"]; present {
		t.Error("an absent message is emitted")
	}
}

func TestEnumsAreReadFromTheQueryByTheirShortNames(t *testing.T) {
	s := newStack(t)
	s.call(200, "GET", "/api/v1/clips?states=ready&states=trashed&origins=replay&min_duration=1.5s&favourite=false", "")
	list := s.core.list
	if want := []clipsv1.Clip_StateEnum_State{clipsv1.Clip_StateEnum_ready, clipsv1.Clip_StateEnum_trashed}; !slices.Equal(list.GetStates(), want) {
		t.Errorf("states %v", list.GetStates())
	}
	if list.GetMinDuration().AsDuration().Seconds() != 1.5 || list.Favourite == nil {
		t.Errorf("request %v", list)
	}
	if got := s.reason(400, "GET", "/api/v1/clips?states=STATE_READY", ""); got != "MALFORMED_REQUEST" {
		t.Errorf("reason %s", got)
	}
}

func TestPatchMaskIsFilledFromTheBody(t *testing.T) {
	s := newStack(t)
	s.call(200, "PATCH", "/api/v1/clips/clp_1", `{"title":"new","rating":0}`)
	got := s.core.update.GetUpdateMask().GetPaths()
	slices.Sort(got)
	if !slices.Equal(got, []string{"rating", "title"}) || s.core.update.GetClipId() != "clp_1" {
		t.Errorf("request %v", s.core.update)
	}

	s.call(200, "PATCH", "/api/v1/clips/clp_1?update_mask=title", `{"title":"new","rating":3}`)
	if got := s.core.update.GetUpdateMask().GetPaths(); !slices.Equal(got, []string{"title"}) {
		t.Errorf("a mask of the caller's own is replaced by %v", got)
	}
}
