package main

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"google.golang.org/grpc/codes"
)

// maxBodyBytes bounds a request body: the largest request of the API is a page of text.
const maxBodyBytes = 1 << 20

// limitedBody is a request body that remembers having been too large, because grpc-gateway keeps only the text of
// the error that says so.
type limitedBody struct {
	io.ReadCloser
	exceeded bool
}

// Read implements io.Reader.
func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		b.exceeded = true
	}
	return n, err
}

// withLimitedBody refuses bodies over maxBodyBytes: at once when their length is told, else when it is reached.
func withLimitedBody(g *gateway, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > maxBodyBytes {
			g.writeError(w, r, bodyTooLarge())
			return
		}
		limited := *r
		limited.Body = &limitedBody{ReadCloser: http.MaxBytesReader(w, r.Body, maxBodyBytes)}
		next.ServeHTTP(w, &limited)
	})
}

func bodyWasTooLarge(r *http.Request) bool {
	body, ok := r.Body.(*limitedBody)
	return ok && body.exceeded
}

func bodyTooLarge() *fault {
	return &fault{
		http: http.StatusRequestEntityTooLarge, code: codes.ResourceExhausted, reason: "BODY_TOO_LARGE",
		message:  "a request body may have at most " + strconv.Itoa(maxBodyBytes) + " bytes",
		metadata: map[string]string{"max_bytes": strconv.Itoa(maxBodyBytes)},
	}
}
