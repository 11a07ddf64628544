package main

import (
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"

	clipsv1 "clipshot/gateway/gen/clipshot/clips/v1"
)

// media serves a file of a clip. The core says who may read which file; the bytes never pass through it.
func (g *gateway) media(kind clipsv1.ResolveMediaRequest_KindEnum_Kind) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		found, err := g.clips.ResolveMedia(r.Context(), &clipsv1.ResolveMediaRequest{ClipId: params["clip_id"], Kind: kind})
		if err != nil {
			g.writeError(w, r, err)
			return
		}
		// Not through a link: whoever can write to the clips folder must not be able to serve the rest of the disk.
		file, err := os.OpenFile(found.GetPath(), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if err != nil {
			g.log.Warn("media cannot be opened", "path", found.GetPath(), "error", err.Error())
			g.writeError(w, r, mediaGone(params["clip_id"]))
			return
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil || !info.Mode().IsRegular() {
			g.writeError(w, r, mediaGone(params["clip_id"]))
			return
		}
		header := w.Header()
		header.Set("Content-Type", found.GetContentType())
		header.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": found.GetFileName()}))
		header.Set("Cache-Control", "private")
		if etag := found.GetEtag(); etag != "" {
			header.Set("ETag", `"`+strings.Trim(etag, `"`)+`"`)
		}
		http.ServeContent(&rangeErrorWriter{ResponseWriter: w, gateway: g, request: r}, r, "", info.ModTime(), file)
	}
}

func mediaGone(clipID string) *fault {
	return &fault{
		http: http.StatusNotFound, code: codes.NotFound, reason: "MEDIA_MISSING",
		message:  "the clip is known but its file cannot be read",
		metadata: map[string]string{"clip_id": clipID},
	}
}

// rangeErrorWriter gives a range that cannot be met the same body as every other error.
type rangeErrorWriter struct {
	http.ResponseWriter
	gateway *gateway
	request *http.Request
	refused bool
}

// WriteHeader implements http.ResponseWriter.
func (w *rangeErrorWriter) WriteHeader(code int) {
	if code != http.StatusRequestedRangeNotSatisfiable {
		w.ResponseWriter.WriteHeader(code)
		return
	}
	w.refused = true
	w.Header().Del("Content-Disposition")
	w.gateway.writeError(w.ResponseWriter, w.request, &fault{
		http: code, code: codes.OutOfRange, reason: "RANGE_NOT_SATISFIABLE",
		message:  "the file has no such bytes; Content-Range says how many it has",
		metadata: map[string]string{"range": w.request.Header.Get("Range")},
	})
}

// Write implements io.Writer; it swallows the text that belongs to a refused range.
func (w *rangeErrorWriter) Write(p []byte) (int, error) {
	if w.refused {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom implements io.ReaderFrom, so that the kernel copies the file to the socket.
func (w *rangeErrorWriter) ReadFrom(source io.Reader) (int64, error) {
	return io.Copy(w.ResponseWriter, source)
}
