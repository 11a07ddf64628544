package main

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
)

// maxBodyBytes bounds a request body: the largest request of the API is a page of text.
const maxBodyBytes = 1 << 20

// What is read of a body that was refused, so that a caller who is still sending it gets the answer instead of a
// connection that breaks under its hands.
const (
	maxDrainBytes = 16 << 20
	maxDrainTime  = 2 * time.Second
)

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
			drain(w, r)
			return
		}
		limited, body := *r, &limitedBody{ReadCloser: http.MaxBytesReader(w, r.Body, maxBodyBytes)}
		limited.Body = body
		next.ServeHTTP(w, &limited)
		if body.exceeded {
			drain(w, r)
		}
	})
}

// drain takes what a refused caller still sends. One that asked first (Expect) sends nothing.
func drain(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Expect") != "" {
		return
	}
	// A connection that cannot do these is closed as it is.
	connection := http.NewResponseController(w)
	_ = connection.Flush()
	if connection.SetReadDeadline(time.Now().Add(maxDrainTime)) == nil {
		_, _ = io.CopyN(io.Discard, r.Body, maxDrainBytes)
	}
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
