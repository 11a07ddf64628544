package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// streamFormat is how the messages of a stream are written as the body of an answer.
type streamFormat struct {
	mediaType string
	// live tells that what is late is worth nothing: little may wait for a slow client.
	live bool
	// write appends what one message becomes; first tells the first one.
	write func(body *bytes.Buffer, message proto.Message, first bool) error
	// fail appends the error that ends the stream. Nil for a format that cannot say so: its connection is broken off,
	// so that no client takes the body for whole.
	fail func(body *bytes.Buffer, st *spb.Status)
}

// serverStream serves one server-streaming method over HTTP: each message is on its way before the next is received, and
// a client that has gone ends the call to the core.
type serverStream struct {
	gateway *gateway
	conn    *grpc.ClientConn
	format  streamFormat
	rpc     string
	request protoreflect.MessageType
	answer  protoreflect.MessageType
}

// serveStream has a server-streaming method answer GET at a path.
func (g *gateway) serveStream(template string, rpc protoreflect.MethodDescriptor, conn *grpc.ClientConn, format streamFormat) error {
	request, err := protoregistry.GlobalTypes.FindMessageByName(rpc.Input().FullName())
	if err != nil {
		return err
	}
	answer, err := protoregistry.GlobalTypes.FindMessageByName(rpc.Output().FullName())
	if err != nil {
		return err
	}
	s := &serverStream{gateway: g, conn: conn, format: format, rpc: fullMethod(rpc), request: request, answer: answer}
	return g.api.HandlePath(http.MethodGet, template, s.serve)
}

// fullMethod answers the name of a method as gRPC writes it: "/package.Service/Method".
func fullMethod(rpc protoreflect.MethodDescriptor) string {
	return fmt.Sprintf("/%s/%s", rpc.Parent().FullName(), rpc.Name())
}

func (s *serverStream) serve(w http.ResponseWriter, r *http.Request, params map[string]string) {
	request := s.request.New().Interface()
	if err := fillRequest(request, r, params); err != nil {
		s.gateway.writeError(w, r, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.gateway.stop, cancel)()

	receive, err := s.open(ctx, request)
	if err != nil {
		s.gateway.writeError(w, r, err)
		return
	}
	// An error before the first message is still an ordinary answer.
	message, err := receive()
	if err != nil && err != io.EOF {
		s.gateway.writeError(w, r, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", s.format.mediaType)
	header.Set("X-Accel-Buffering", "no")
	out := newPromptWriter(w, r, s.gateway.patience)
	if s.format.live {
		out.keepShort()
	}
	var body bytes.Buffer
	for first := true; err == nil; first = false {
		body.Reset()
		if err = s.format.write(&body, message, first); err != nil {
			break
		}
		if out.send(body.Bytes()) != nil {
			return
		}
		message, err = receive()
	}
	if err == io.EOF || ctx.Err() != nil {
		return
	}
	if s.format.fail == nil {
		panic(http.ErrAbortHandler)
	}
	body.Reset()
	_, st := describe(r, err)
	s.format.fail(&body, st)
	_ = out.send(body.Bytes())
}

// open sends the request and answers a function that receives one message after the other.
func (s *serverStream) open(ctx context.Context, request proto.Message) (func() (proto.Message, error), error) {
	stream, err := s.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, s.rpc)
	if err != nil {
		return nil, err
	}
	// io.EOF means that the core ended the stream already; receiving tells why.
	if err := stream.SendMsg(request); err != nil && err != io.EOF {
		return nil, err
	}
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}
	return func() (proto.Message, error) {
		message := s.answer.New().Interface()
		return message, stream.RecvMsg(message)
	}, nil
}

// fillRequest reads a request out of the query and the variables of the path, which win.
func fillRequest(request proto.Message, r *http.Request, params map[string]string) error {
	err := runtime.PopulateQueryParameters(request, r.URL.Query(), utilities.NewDoubleArray(nil))
	for name, value := range params {
		if err == nil {
			err = runtime.PopulateFieldFromPath(request, name, value)
		}
	}
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return nil
}
