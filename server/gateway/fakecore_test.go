package main

import (
	"context"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	capturev1 "clipshot/gateway/gen/clipshot/capture/v1"
	clipsv1 "clipshot/gateway/gen/clipshot/clips/v1"
	eventsv1 "clipshot/gateway/gen/clipshot/events/v1"
	operationsv1 "clipshot/gateway/gen/clipshot/operations/v1"
	systemv1 "clipshot/gateway/gen/clipshot/system/v1"
)

// fakeCore is a gRPC server on a unix socket with just enough behind it to see what the gateway asks and does with the
// answers. The true core is tested together with the gateway elsewhere.
type fakeCore struct {
	capturev1.UnimplementedCaptureServiceServer
	clipsv1.UnimplementedClipServiceServer
	eventsv1.UnimplementedEventServiceServer
	operationsv1.UnimplementedOperationsServiceServer
	systemv1.UnimplementedAccessServiceServer
	systemv1.UnimplementedSystemServiceServer

	target string
	server *grpc.Server
	health *health.Server

	mu       sync.Mutex
	metadata metadata.MD // of the last call
	update   *clipsv1.UpdateClipRequest
	list     *clipsv1.ListClipsRequest
	media    map[clipsv1.ResolveMediaRequest_KindEnum_Kind]*clipsv1.ResolveMediaResponse

	watched  chan *capturev1.StreamPreviewRequest
	chunks   chan *capturev1.StreamChunksResponse  // closed: the stream ends; nil: it fails
	pictures chan *capturev1.StreamPreviewResponse // the same

	subscribed chan *eventsv1.SubscribeRequest
	batches    chan *eventsv1.SubscribeResponse // closed: the stream ends; nil: it fails
	ended      chan struct{}                    // a value for each stream that has returned
}

func startFakeCore(t *testing.T) *fakeCore {
	t.Helper()
	core := &fakeCore{
		health:     health.NewServer(),
		media:      map[clipsv1.ResolveMediaRequest_KindEnum_Kind]*clipsv1.ResolveMediaResponse{},
		watched:    make(chan *capturev1.StreamPreviewRequest, 1),
		chunks:     make(chan *capturev1.StreamChunksResponse, 8),
		pictures:   make(chan *capturev1.StreamPreviewResponse, 8),
		subscribed: make(chan *eventsv1.SubscribeRequest, 1),
		batches:    make(chan *eventsv1.SubscribeResponse, 8),
		ended:      make(chan struct{}, 8),
	}
	core.server = grpc.NewServer(
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
			core.note(ctx)
			return handle(ctx, req)
		}),
		grpc.StreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
			core.note(stream.Context())
			return handle(srv, stream)
		}),
	)
	capturev1.RegisterCaptureServiceServer(core.server, core)
	clipsv1.RegisterClipServiceServer(core.server, core)
	eventsv1.RegisterEventServiceServer(core.server, core)
	operationsv1.RegisterOperationsServiceServer(core.server, core)
	systemv1.RegisterAccessServiceServer(core.server, core)
	systemv1.RegisterSystemServiceServer(core.server, core)
	healthv1.RegisterHealthServer(core.server, core.health)

	path := filepath.Join(t.TempDir(), "core.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	core.target = "unix:" + path
	go func() { _ = core.server.Serve(listener) }()
	t.Cleanup(core.server.Stop)
	return core
}

func (c *fakeCore) note(ctx context.Context) {
	md, _ := metadata.FromIncomingContext(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.metadata = md
}

// lastMetadata answers what the last call brought, without what gRPC itself adds.
func (c *fakeCore) lastMetadata() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := map[string]string{}
	for key, values := range c.metadata {
		switch key {
		case ":authority", "content-type", "user-agent", "grpc-accept-encoding":
		default:
			got[key] = values[0]
		}
	}
	return got
}

func (c *fakeCore) GetClip(_ context.Context, r *clipsv1.GetClipRequest) (*clipsv1.Clip, error) {
	switch r.GetClipId() {
	case "missing":
		return nil, detailed(codes.NotFound, "there is no clip missing", "CLIP_NOT_FOUND",
			&errdetails.ResourceInfo{ResourceType: "clips", ResourceName: "missing"})
	case "locked":
		return nil, detailed(codes.Unauthenticated, "the key is wrong", "KEY_WRONG")
	case "bare":
		return nil, status.Error(codes.Internal, "without details")
	}
	return &clipsv1.Clip{
		ClipId: r.GetClipId(), State: clipsv1.Clip_StateEnum_ready, Origin: clipsv1.Clip_OriginEnum_replay,
		SizeBytes: 5_000_000_000, CreateTime: timestamppb.New(time.Unix(1_700_000_000, 0)),
	}, nil
}

func (c *fakeCore) ListClips(_ context.Context, r *clipsv1.ListClipsRequest) (*clipsv1.ListClipsResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = r
	return &clipsv1.ListClipsResponse{}, nil
}

func (c *fakeCore) UpdateClip(_ context.Context, r *clipsv1.UpdateClipRequest) (*clipsv1.Clip, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.update = r
	return r.GetClip(), nil
}

func (c *fakeCore) DeleteClip(context.Context, *clipsv1.DeleteClipRequest) (*clipsv1.DeleteClipResponse, error) {
	return &clipsv1.DeleteClipResponse{}, nil
}

func (c *fakeCore) PurgeClips(ctx context.Context, _ *clipsv1.PurgeClipsRequest) (*clipsv1.PurgeClipsResponse, error) {
	_ = grpc.SetHeader(ctx, metadata.Pairs("x-operation-id", "op_1", "x-next-page-token", "more", "x-private", "no"))
	return &clipsv1.PurgeClipsResponse{}, nil
}

func (c *fakeCore) ResolveMedia(_ context.Context, r *clipsv1.ResolveMediaRequest) (*clipsv1.ResolveMediaResponse, error) {
	if found := c.media[r.GetKind()]; found != nil && r.GetClipId() == "clp_1" {
		return found, nil
	}
	return nil, detailed(codes.NotFound, "there is no such clip", "CLIP_NOT_FOUND")
}

func (c *fakeCore) StartSession(ctx context.Context, r *capturev1.StartSessionRequest) (*capturev1.Session, error) {
	_ = grpc.SetHeader(ctx, metadata.Pairs("location", "/api/v1/capture/sessions/ses_1"))
	return &capturev1.Session{SessionId: "ses_1", Title: r.GetTitle(), Mode: r.GetMode()}, nil
}

func (c *fakeCore) GetPreviewFrame(context.Context, *capturev1.GetPreviewFrameRequest) (*httpbody.HttpBody, error) {
	return &httpbody.HttpBody{ContentType: "image/jpeg", Data: []byte("\xff\xd8picture")}, nil
}

func (c *fakeCore) WatchSession(r *capturev1.WatchSessionRequest, stream grpc.ServerStreamingServer[capturev1.WatchSessionResponse]) error {
	session := &capturev1.Session{SessionId: r.GetSessionId(), State: capturev1.Session_StateEnum_active}
	if err := stream.Send(&capturev1.WatchSessionResponse{Session: session}); err != nil {
		return err
	}
	return stream.Send(&capturev1.WatchSessionResponse{})
}

func (c *fakeCore) GetHealth(ctx context.Context, _ *systemv1.GetHealthRequest) (*systemv1.HealthResponse, error) {
	_ = grpc.SetHeader(ctx, metadata.Pairs("x-http-code", "503"))
	return &systemv1.HealthResponse{Status: systemv1.HealthResponse_StatusEnum_unhealthy}, nil
}

func (c *fakeCore) GetMetrics(context.Context, *systemv1.GetMetricsRequest) (*systemv1.MetricsResponse, error) {
	return nil, detailed(codes.ResourceExhausted, "too many tries", "RATE_LIMITED",
		&errdetails.RetryInfo{RetryDelay: durationOf(2500 * time.Millisecond)})
}

func (c *fakeCore) ExchangeLoginCode(_ context.Context, r *systemv1.ExchangeLoginCodeRequest) (*systemv1.LoginCookie, error) {
	if r.GetCode() != "good" {
		return nil, detailed(codes.Unauthenticated, "the code was used or is too old", "LOGIN_CODE_INVALID")
	}
	return &systemv1.LoginCookie{Value: "cookie-value", ExpireTime: timestamppb.New(time.Now().Add(24 * time.Hour))}, nil
}

func (c *fakeCore) Subscribe(r *eventsv1.SubscribeRequest, stream grpc.ServerStreamingServer[eventsv1.SubscribeResponse]) error {
	defer func() { c.ended <- struct{}{} }()
	if r.GetEventType() == "refused" {
		return detailed(codes.PermissionDenied, "not for you", "EVENTS_REFUSED")
	}
	c.subscribed <- r
	return relay(stream, c.batches)
}

func (c *fakeCore) StreamChunks(r *capturev1.StreamChunksRequest, stream grpc.ServerStreamingServer[capturev1.StreamChunksResponse]) error {
	defer func() { c.ended <- struct{}{} }()
	if r.GetSessionId() == "missing" {
		return detailed(codes.NotFound, "there is no session missing", "SESSION_NOT_FOUND")
	}
	return relay(stream, c.chunks)
}

func (c *fakeCore) StreamPreview(r *capturev1.StreamPreviewRequest, stream grpc.ServerStreamingServer[capturev1.StreamPreviewResponse]) error {
	defer func() { c.ended <- struct{}{} }()
	c.watched <- r
	return relay(stream, c.pictures)
}

// relay sends what a test puts into a channel.
func relay[Answer any](stream grpc.ServerStreamingServer[Answer], answers <-chan *Answer) error {
	for {
		select {
		case <-stream.Context().Done():
			return stream.Context().Err()
		case answer, open := <-answers:
			if !open {
				return nil
			}
			if answer == nil {
				return detailed(codes.DataLoss, "the store is damaged", "STORE_DAMAGED")
			}
			if err := stream.Send(answer); err != nil {
				return err
			}
		}
	}
}
