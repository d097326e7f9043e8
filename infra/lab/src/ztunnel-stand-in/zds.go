package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"istio.io/istio/pkg/zdsapi"
)

// followPods takes pods from istio-cni over its socket, for ever: on each new connection it sends all of them again.
func followPods(ctx context.Context, socket string, proxies *proxies) {
	for ctx.Err() == nil {
		if err := takePods(ctx, socket, proxies); err != nil {
			slog.Warn("no pods from istio-cni; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func takePods(ctx context.Context, socket string, proxies *proxies) error {
	conn, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: socket, Net: "unixpacket"})
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	hello, _ := proto.Marshal(&zdsapi.ZdsHello{Version: zdsapi.Version_V1})
	if _, err := conn.Write(hello); err != nil {
		return err
	}
	named := map[string]bool{}
	for {
		request, netns, err := readPod(conn)
		if err != nil {
			return err
		}
		ack := &zdsapi.Ack{}
		if err := take(request, netns, named, proxies); err != nil {
			slog.Error("a pod could not be taken", "request", request, "error", err)
			ack.Error = err.Error()
		}
		bytes, _ := proto.Marshal(&zdsapi.WorkloadResponse{Payload: &zdsapi.WorkloadResponse_Ack{Ack: ack}})
		if _, err := conn.Write(bytes); err != nil {
			return err
		}
	}
}

func take(request *zdsapi.WorkloadRequest, netns *os.File, named map[string]bool, proxies *proxies) error {
	switch payload := request.Payload.(type) {
	case *zdsapi.WorkloadRequest_Add:
		named[payload.Add.Uid] = true
		return proxies.add(payload.Add.Uid, payload.Add.WorkloadInfo, netns)
	case *zdsapi.WorkloadRequest_Keep:
		named[payload.Keep.Uid] = true
	case *zdsapi.WorkloadRequest_Del:
		proxies.remove(payload.Del.Uid)
	case *zdsapi.WorkloadRequest_SnapshotSent:
		proxies.keepOnly(named)
	}
	return nil
}

// readPod reads one message, and the pod's network namespace that came with it.
func readPod(conn *net.UnixConn) (*zdsapi.WorkloadRequest, *os.File, error) {
	buffer, rights := make([]byte, 16<<10), make([]byte, unix.CmsgSpace(4))
	count, rightsCount, _, _, err := conn.ReadMsgUnix(buffer, rights)
	if err != nil {
		return nil, nil, err
	}
	if count == 0 {
		return nil, nil, errors.New("istio-cni closed the connection")
	}
	request := &zdsapi.WorkloadRequest{}
	if err := proto.Unmarshal(buffer[:count], request); err != nil {
		return nil, nil, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:rightsCount])
	if err != nil || len(messages) == 0 {
		return request, nil, nil
	}
	files, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(files) == 0 {
		return request, nil, nil
	}
	return request, os.NewFile(uintptr(files[0]), "netns"), nil
}
