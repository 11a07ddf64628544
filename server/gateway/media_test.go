package main

import (
	"os"
	"path/filepath"
	"testing"

	clipsv1 "clipshot/gateway/gen/clipshot/clips/v1"
)

// withMedia gives the clip clp_1 a file of the digits 0 to 9.
func withMedia(t *testing.T) *stack {
	t.Helper()
	s := newStack(t)
	path := filepath.Join(t.TempDir(), "clip.mp4")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.core.media[clipsv1.ResolveMediaRequest_KindEnum_media] = &clipsv1.ResolveMediaResponse{
		Path: path, ContentType: "video/mp4", Etag: "e1", FileName: "Ein schöner \"Moment\".mp4",
	}
	s.core.media[clipsv1.ResolveMediaRequest_KindEnum_thumbnail] = &clipsv1.ResolveMediaResponse{
		Path: path, ContentType: "image/jpeg", Etag: `"quoted"`, FileName: "clp_1.jpg",
	}
	return s
}

const mediaPath = "/api/v1/clips/clp_1/media"

func TestMediaIsServedWhole(t *testing.T) {
	s := withMedia(t)
	body, header := s.call(200, "GET", mediaPath, "")
	if body != "0123456789" {
		t.Errorf("body %q", body)
	}
	for name, want := range map[string]string{
		"Content-Type":           "video/mp4",
		"Content-Length":         "10",
		"Accept-Ranges":          "bytes",
		"ETag":                   `"e1"`,
		"Cache-Control":          "private",
		"X-Content-Type-Options": "nosniff",
		"Content-Disposition":    `inline; filename*=utf-8''Ein%20sch%C3%B6ner%20%22Moment%22.mp4`,
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
	_, header = s.call(200, "GET", "/api/v1/clips/clp_1/thumbnail", "")
	if header.Get("Content-Type") != "image/jpeg" || header.Get("ETag") != `"quoted"` {
		t.Errorf("thumbnail %v", header)
	}
}

func TestMediaIsServedInRanges(t *testing.T) {
	s := withMedia(t)
	for wanted, test := range map[string]struct{ body, contentRange string }{
		"bytes=2-4": {"234", "bytes 2-4/10"},
		"bytes=7-":  {"789", "bytes 7-9/10"},
		"bytes=-2":  {"89", "bytes 8-9/10"},
	} {
		body, header := s.call(206, "GET", mediaPath, "", "Range: "+wanted)
		if body != test.body || header.Get("Content-Range") != test.contentRange {
			t.Errorf("%s: %q, %q", wanted, body, header.Get("Content-Range"))
		}
	}
	body, header := s.call(416, "GET", mediaPath, "", "Range: bytes=10-")
	if header.Get("Content-Range") != "bytes */10" {
		t.Errorf("Content-Range %q: %s", header.Get("Content-Range"), body)
	}
	if got := s.reason(416, "GET", mediaPath, "", "Range: bytes=10-"); got != "RANGE_NOT_SATISFIABLE" {
		t.Errorf("reason %s", got)
	}
}

func TestMediaThatIsAtHandIsNotSentAgain(t *testing.T) {
	s := withMedia(t)
	body, _ := s.call(304, "GET", mediaPath, "", `If-None-Match: "e1"`)
	if body != "" {
		t.Errorf("body %q", body)
	}
	s.call(200, "GET", mediaPath, "", `If-None-Match: "e0"`)
	s.call(206, "GET", mediaPath, "", "Range: bytes=0-1", `If-Range: "e1"`)
	s.call(200, "GET", mediaPath, "", "Range: bytes=0-1", `If-Range: "e0"`)
}

func TestMediaAnswersHead(t *testing.T) {
	s := withMedia(t)
	body, header := s.call(200, "HEAD", mediaPath, "")
	if body != "" || header.Get("Content-Length") != "10" || header.Get("ETag") != `"e1"` {
		t.Errorf("body %q, header %v", body, header)
	}
}

func TestMediaAsksTheCoreWithTheSignature(t *testing.T) {
	s := withMedia(t)
	s.call(200, "GET", mediaPath+"?expires=17&sig=ab", "")
	if got := s.core.lastMetadata()["x-clipshot-signed"]; got != mediaPath+"?expires=17&sig=ab" {
		t.Errorf("x-clipshot-signed %q", got)
	}
}

func TestMediaThatCannotBeReadIsNotFound(t *testing.T) {
	s := withMedia(t)
	if got := s.reason(404, "GET", "/api/v1/clips/other/media", ""); got != "CLIP_NOT_FOUND" {
		t.Errorf("reason %s", got)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "gone.mp4"), t.TempDir()} {
		s.core.media[clipsv1.ResolveMediaRequest_KindEnum_media].Path = path
		body, header := s.call(404, "GET", mediaPath, "")
		if header.Get("ETag") != "" {
			t.Errorf("an error with an ETag: %s", body)
		}
		if got := s.reason(404, "GET", mediaPath, ""); got != "MEDIA_MISSING" {
			t.Errorf("reason %s", got)
		}
	}
}
