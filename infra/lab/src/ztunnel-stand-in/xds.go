package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"

	"istio.io/istio/pkg/workloadapi"
	"istio.io/istio/pkg/workloadapi/security"
)

const (
	addressType       = "type.googleapis.com/istio.workload.Address"
	authorizationType = "type.googleapis.com/istio.security.Authorization"
)

func node() *core.Node {
	namespace := env("POD_NAMESPACE", "istio-system")
	metadata, _ := structpb.NewStruct(map[string]any{
		"NAME":            os.Getenv("POD_NAME"),
		"NAMESPACE":       namespace,
		"NODE_NAME":       os.Getenv("NODE_NAME"),
		"SERVICE_ACCOUNT": env("SERVICE_ACCOUNT", "ztunnel"),
		"CLUSTER_ID":      env("ISTIO_META_CLUSTER_ID", "Kubernetes"),
		"ISTIO_VERSION":   version,
		"INSTANCE_IPS":    os.Getenv("INSTANCE_IP"),
	})
	id := fmt.Sprintf("ztunnel~%s~%s.%s~%s.svc.cluster.local",
		os.Getenv("INSTANCE_IP"), os.Getenv("POD_NAME"), namespace, namespace)
	return &core.Node{Id: id, Metadata: metadata}
}

// followWorkloads keeps the state equal to what istiod says of workloads, services and L4 policies; it tries again
// for ever, and until istiod answers anew the last state stands.
func followWorkloads(ctx context.Context, istiod *grpc.ClientConn, state *state) {
	for ctx.Err() == nil {
		err := streamWorkloads(ctx, istiod, state)
		slog.Warn("the discovery stream ended; it is opened again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func streamWorkloads(ctx context.Context, istiod *grpc.ClientConn, state *state) error {
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(istiod).DeltaAggregatedResources(ctx)
	if err != nil {
		return err
	}
	for _, kind := range []string{addressType, authorizationType} {
		request := &discovery.DeltaDiscoveryRequest{Node: node(), TypeUrl: kind}
		if err := stream.Send(request); err != nil {
			return err
		}
	}
	first := map[string]bool{addressType: true, authorizationType: true}
	for {
		response, err := stream.Recv()
		if err != nil {
			return err
		}
		refused := apply(state, response, first[response.TypeUrl])
		first[response.TypeUrl] = false
		ack := &discovery.DeltaDiscoveryRequest{TypeUrl: response.TypeUrl, ResponseNonce: response.Nonce}
		if refused != nil {
			slog.Error("what istiod sent is not understood", "type", response.TypeUrl, "error", refused)
		}
		if err := stream.Send(ack); err != nil {
			return err
		}
	}
}

// apply takes a difference; the first answer of a stream is the whole, so what it does not name is gone.
func apply(state *state, response *discovery.DeltaDiscoveryResponse, whole bool) error {
	switch response.TypeUrl {
	case addressType:
		addresses := map[string]*workloadapi.Address{}
		for _, resource := range response.Resources {
			address := &workloadapi.Address{}
			if err := resource.Resource.UnmarshalTo(address); err != nil {
				return err
			}
			addresses[resource.Name] = address
		}
		state.setAddresses(addresses, response.RemovedResources, whole)
	case authorizationType:
		policies := map[string]*security.Authorization{}
		for _, resource := range response.Resources {
			policy := &security.Authorization{}
			if err := resource.Resource.UnmarshalTo(policy); err != nil {
				return err
			}
			policies[resource.Name] = policy
		}
		state.setPolicies(policies, response.RemovedResources, whole)
	}
	return nil
}
