package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// maxMessageBytes bounds an answer of the core: a page of 500 clips with everything in them is about 8 MB.
const maxMessageBytes = 16 << 20

// liveWindowBytes is what a stream of pictures may hold between the core and a client that takes nothing; then the core
// sees that it is slow and skips. A quarter of a second of the highest usual bitrate, and a keyframe of 1080p fits.
const liveWindowBytes = 512 << 10

// dialCore prepares the connection to the core; it is made with the first call and again whenever it is lost.
func dialCore(target string) (*grpc.ClientConn, error) {
	return dial(target)
}

// dialCoreForPictures is dialCore for streams of pictures. By itself gRPC widens the window of a busy stream up to 16 MiB:
// good for throughput, but many seconds of pictures for a slow reader.
func dialCoreForPictures(target string) (*grpc.ClientConn, error) {
	return dial(target, grpc.WithStaticStreamWindowSize(liveWindowBytes))
}

func dial(target string, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	conn, err := grpc.NewClient(target, append([]grpc.DialOption{
		// The socket lies in a folder that only the user can enter.
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: time.Second,
		}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
		grpc.WithUnaryInterceptor(unaryAsCaller),
		grpc.WithStreamInterceptor(streamAsCaller),
	}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("upstream %s: %w", target, err)
	}
	return conn, nil
}

// unaryAsCaller sends what is known of the caller with a call, and nothing else: grpc-gateway adds metadata of its own
// (the Authorization header, forwarding headers) that the core has no use for.
func unaryAsCaller(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return invoke(metadata.NewOutgoingContext(ctx, callerOf(ctx)), method, req, reply, conn, opts...)
}

// streamAsCaller is unaryAsCaller for streams.
func streamAsCaller(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return open(metadata.NewOutgoingContext(ctx, callerOf(ctx)), desc, conn, method, opts...)
}
