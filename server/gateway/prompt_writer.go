package main

import (
	"context"
	"net"
	"net/http"
	"time"
)

const (
	// patience is how long one write of a stream waits for a client that takes nothing, which is then let go. A pause of
	// a player or a suspended laptop ends the stream; both come back with a request of their own.
	patience = 10 * time.Second
	// shortBufferBytes bounds what the kernel holds for a client of a live stream; by itself Linux goes up to 4 MiB, many
	// seconds of pictures. The kernel doubles it for its own book-keeping.
	shortBufferBytes = 128 << 10
)

type connectionKey struct{}

// withConnection notes the connection that requests come by; for http.Server.ConnContext.
func withConnection(ctx context.Context, connection net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, connection)
}

// promptWriter sends every part of a stream at once: net/http has set TCP_NODELAY, and each part is flushed. Its
// connection carries nothing else afterwards.
type promptWriter struct {
	w          http.ResponseWriter
	control    *http.ResponseController
	connection net.Conn
	patience   time.Duration
}

func newPromptWriter(w http.ResponseWriter, r *http.Request, patience time.Duration) *promptWriter {
	w.Header().Set("Connection", "close")
	connection, _ := r.Context().Value(connectionKey{}).(net.Conn)
	return &promptWriter{w: w, control: http.NewResponseController(w), connection: connection, patience: patience}
}

// keepShort has the kernel hold little of what the client has not taken.
func (p *promptWriter) keepShort() {
	if tcp, ok := p.connection.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(shortBufferBytes) // without it a slow client only sees older pictures
	}
}

// send writes a part, or fails when the client has gone or takes nothing for as long as the writer has patience.
func (p *promptWriter) send(part []byte) error {
	// A writer without deadlines (none that net/http makes) waits as long as it takes.
	_ = p.control.SetWriteDeadline(time.Now().Add(p.patience))
	if len(part) > 0 {
		if _, err := p.w.Write(part); err != nil {
			return err
		}
	}
	return p.control.Flush()
}
