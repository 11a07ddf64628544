package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestDocumentationIsServedFromHereAlone(t *testing.T) {
	s := newStack(t)
	link := regexp.MustCompile(`(?:src|href)="([^"]+)"`)
	for path, title := range map[string]string{
		"/docs":  "<title>ClipShot API: Swagger UI</title>",
		"/redoc": "<title>ClipShot API: ReDoc</title>",
	} {
		body, header := s.call(200, "GET", path, "")
		if !strings.Contains(body, title) {
			t.Errorf("%s has no title %s", path, title)
		}
		policy := header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "http") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for _, found := range link.FindAllStringSubmatch(body, -1) {
			if !strings.HasPrefix(found[1], "/") {
				t.Errorf("%s loads %s", path, found[1])
			}
			if found[1] != "/favicon.svg" { // the page's own
				s.call(200, "GET", found[1], "")
			}
		}
		if strings.Contains(body, "<script>") {
			t.Errorf("%s has a script that its policy forbids", path)
		}
	}
}

func TestMediaTypesOfFiles(t *testing.T) {
	s := newStack(t)
	for path, want := range map[string]string{
		"/":                          "text/html; charset=utf-8",
		"/openapi.json":              "application/json",
		"/docs/swagger-ui.css":       "text/css; charset=utf-8",
		"/docs/redoc.standalone.js":  "text/javascript; charset=utf-8",
		"/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
	} {
		if _, header := s.call(200, "GET", path, ""); header.Get("Content-Type") != want {
			t.Errorf("%s is %q", path, header.Get("Content-Type"))
		}
	}
}

func TestFilesAreNotSentAgain(t *testing.T) {
	s := newStack(t)
	_, header := s.call(200, "GET", "/openapi.json", "")
	etag := header.Get("ETag")
	if etag == "" {
		t.Fatal("no ETag")
	}
	s.call(304, "GET", "/openapi.json", "", "If-None-Match: "+etag)
}

func TestEveryRouteIsInTheOpenAPIDocument(t *testing.T) {
	s := newStack(t)
	body, _ := s.call(200, "GET", "/openapi.json", "")
	var document struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(body), &document); err != nil {
		t.Fatal(err)
	}
	routes, err := apiRoutes()
	if err != nil || len(routes) == 0 {
		t.Fatalf("%d routes, %v", len(routes), err)
	}
	for _, rt := range routes {
		if document.Paths[rt.template][strings.ToLower(rt.method)] == nil {
			t.Errorf("%s %s is missing", rt.method, rt.template)
		}
	}
	for _, own := range []string{"/api/v1/clips/{clip_id}/media", "/api/v1/clips/{clip_id}/thumbnail", healthPath} {
		if document.Paths[own]["get"] == nil {
			t.Errorf("%s is missing", own)
		}
	}
}

func TestFilesOutsideTheSiteAreNotServed(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{"page/index.html": "mine", "secret.txt": "secret", "page/sub/file.css": "css"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := openAssets(folder)
	if err != nil {
		t.Fatal(err)
	}
	own := site{files: files}
	for path, served := range map[string]bool{
		"/": true, "/index.html": true, "/sub/file.css": true,
		"/secret.txt": false, "/../secret.txt": false, "/docs/../secret.txt": false, "/sub": false, "/docs": false, "/page/index.html": false,
	} {
		if got := own.serves(path); got != served {
			t.Errorf("%s served: %v", path, got)
		}
	}
	if _, err := openAssets(filepath.Join(folder, "nothing")); err == nil {
		t.Error("a missing folder is taken")
	}
	if _, err := fs.Stat(files, "secret.txt"); err != nil {
		t.Error("the test's own secret is not there")
	}
}
