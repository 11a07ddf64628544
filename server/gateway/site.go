package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"time"
)

// assets is made by the build: the OpenAPI document, the documentation's pages and bundles, the page at /.
//
//go:embed all:assets
var assets embed.FS

// openAssets answers the embedded files, or those of a folder in their place.
func openAssets(folder string) (fs.FS, error) {
	if folder == "" {
		return fs.Sub(assets, "assets")
	}
	info, err := os.Stat(folder)
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("assets: %s is no folder", folder)
	}
	return os.DirFS(folder), nil
}

const (
	// pagePolicy lets a page load and call nothing but this server. Live pictures and clips also come as blobs.
	pagePolicy = "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	// docsPolicy adds what Swagger UI and ReDoc need: style elements, and ReDoc's search worker.
	docsPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:; " +
		"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

// mediaTypes of the files of the site. The system's own table differs from machine to machine.
var mediaTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// site serves files: the page, the documentation and the OpenAPI document.
type site struct {
	files fs.FS
}

// fileOf answers the file behind a path. The page's files lie at the root, those of the documentation below /docs.
func fileOf(urlPath string) string {
	switch urlPath {
	case "/":
		return "page/index.html"
	case "/docs":
		return "docs/swagger.html"
	case "/redoc":
		return "docs/redoc.html"
	case "/openapi.json":
		return "openapi.json"
	}
	name := strings.TrimPrefix(urlPath, "/")
	if strings.HasPrefix(name, "docs/") {
		return name
	}
	return "page/" + name // as it is: serves refuses what does not stay below
}

// serves tells whether something is at a path; also at /login, whose answer is made elsewhere.
func (s site) serves(urlPath string) bool {
	if urlPath == loginPath {
		return true
	}
	name := fileOf(urlPath)
	if !fs.ValidPath(name) {
		return false
	}
	info, err := fs.Stat(s.files, name)
	return err == nil && info.Mode().IsRegular()
}

// serve answers a path that serves said yes to.
func (s site) serve(w http.ResponseWriter, r *http.Request) {
	name := fileOf(r.URL.Path)
	content, err := fs.ReadFile(s.files, name)
	if err != nil { // a folder given by --assets changed meanwhile
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256(content)
	mediaType, ok := mediaTypes[path.Ext(name)]
	if !ok {
		mediaType = "application/octet-stream"
	}
	header := w.Header()
	header.Set("Content-Type", mediaType)
	header.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	header.Set("Cache-Control", "no-cache") // kept, but asked for again: the next version has the same names
	if strings.HasPrefix(name, "docs/") {
		header.Set("Content-Security-Policy", docsPolicy)
	} else {
		header.Set("Content-Security-Policy", pagePolicy)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
