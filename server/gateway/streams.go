package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// registerStreams serves the methods that the contract marks `sse` as event streams, whatever Accept says. It takes
// them over from the generated handlers, whose streams are JSON lines.
func (g *gateway) registerStreams() error {
	for _, rt := range g.routes {
		if !rt.isStream() {
			continue
		}
		if rt.method != http.MethodGet || rt.body != "" || !rt.rpc.IsStreamingServer() {
			return fmt.Errorf("%s: an event stream is a server stream bound to GET", rt.rpc.FullName())
		}
		request, err := protoregistry.GlobalTypes.FindMessageByName(rt.rpc.Input().FullName())
		if err != nil {
			return err
		}
		answer, err := protoregistry.GlobalTypes.FindMessageByName(rt.rpc.Output().FullName())
		if err != nil {
			return err
		}
		s := &eventStream{gateway: g, rpc: fullMethod(rt.rpc), request: request, answer: answer}
		if err := g.api.HandlePath(rt.method, rt.template, s.serve); err != nil {
			return err
		}
	}
	return nil
}

// fullMethod answers the name of a method as gRPC writes it: "/package.Service/Method".
func fullMethod(rpc protoreflect.MethodDescriptor) string {
	return fmt.Sprintf("/%s/%s", rpc.Parent().FullName(), rpc.Name())
}

// eventStream serves one server-streaming method as text/event-stream.
type eventStream struct {
	gateway *gateway
	rpc     string
	request protoreflect.MessageType
	answer  protoreflect.MessageType
}

func (s *eventStream) serve(w http.ResponseWriter, r *http.Request, params map[string]string) {
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
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no")
	flush := http.NewResponseController(w).Flush
	var frames bytes.Buffer
	for first := true; err == nil; first = false {
		frames.Reset()
		if err = writeFrames(&frames, message, first); err != nil {
			break
		}
		if _, err := w.Write(frames.Bytes()); err != nil {
			return
		}
		if flush() != nil {
			return
		}
		message, err = receive()
	}
	if err != io.EOF && ctx.Err() == nil {
		frames.Reset()
		_, st := describe(r, err)
		writeFrame(&frames, "", "error", statusJSON(st))
		_, _ = w.Write(frames.Bytes())
	}
}

// open sends the request and answers a function that receives one message after the other.
func (s *eventStream) open(ctx context.Context, request proto.Message) (func() (proto.Message, error), error) {
	stream, err := s.gateway.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, s.rpc)
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
