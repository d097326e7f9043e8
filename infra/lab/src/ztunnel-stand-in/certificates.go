package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/structpb"

	pb "istio.io/api/security/v1alpha1"
)

const (
	rootFile  = "/var/run/secrets/istio/root-cert.pem"
	tokenFile = "/var/run/secrets/tokens/istio-token"
)

// token is the ServiceAccount's token as it is in the file now: kubelet renews it.
type token struct{}

func (token) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	text, err := os.ReadFile(tokenFile)
	if err != nil {
		return nil, err
	}
	return map[string]string{"authorization": "Bearer " + strings.TrimSpace(string(text))}, nil
}

func (token) RequireTransportSecurity() bool { return true }

func dialIstiod(address string) (*grpc.ClientConn, error) {
	roots := x509.NewCertPool()
	text, err := os.ReadFile(rootFile)
	if err != nil {
		return nil, err
	}
	roots.AppendCertsFromPEM(text)
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return grpc.NewClient(address,
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: roots, ServerName: host})),
		grpc.WithPerRPCCredentials(token{}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
}

// certificate is one identity's, as istiod signed it.
type certificate struct {
	identity string
	leaf     *x509.Certificate
	tls      tls.Certificate
	chain    []*x509.Certificate
	roots    []*x509.Certificate
	pool     *x509.CertPool
}

// certificates holds one certificate an identity; it asks for a new one after half of its life.
type certificates struct {
	client pb.IstioCertificateServiceClient
	mu     sync.Mutex
	held   map[string]*holding
}

type holding struct {
	mu   sync.Mutex
	held *certificate
}

func newCertificates(authority *grpc.ClientConn) *certificates {
	return &certificates{client: pb.NewIstioCertificateServiceClient(authority), held: map[string]*holding{}}
}

func (c *certificates) get(ctx context.Context, identity string) (*certificate, error) {
	c.mu.Lock()
	at := c.held[identity]
	if at == nil {
		at = &holding{}
		c.held[identity] = at
	}
	c.mu.Unlock()
	at.mu.Lock()
	defer at.mu.Unlock()
	now := time.Now()
	if at.held != nil && now.Before(halfLife(at.held.leaf)) {
		return at.held, nil
	}
	fresh, err := c.request(ctx, identity)
	if err != nil {
		if at.held != nil && now.Before(at.held.leaf.NotAfter) {
			return at.held, nil
		}
		return nil, fmt.Errorf("no certificate for %s: %w", identity, err)
	}
	at.held = fresh
	return fresh, nil
}

func halfLife(leaf *x509.Certificate) time.Time {
	return leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
}

// request asks istiod for a workload's certificate in the workload's name: CA_TRUSTED_NODE_ACCOUNTS allows it to ztunnel.
func (c *certificates) request(ctx context.Context, identity string) (*certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	name, err := url.Parse(identity)
	if err != nil {
		return nil, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{URIs: []*url.URL{name}}, key)
	if err != nil {
		return nil, err
	}
	for_, _ := structpb.NewStruct(map[string]any{"ImpersonatedIdentity": identity})
	ctx = metadata.AppendToOutgoingContext(ctx, "ClusterID", env("ISTIO_META_CLUSTER_ID", "Kubernetes"))
	answer, err := c.client.CreateCertificate(ctx, &pb.IstioCertificateRequest{
		Csr:              string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr})),
		ValidityDuration: int64((24 * time.Hour).Seconds()),
		Metadata:         for_,
	})
	if err != nil {
		return nil, err
	}
	return readChain(identity, answer.CertChain, key)
}

func readChain(identity string, texts []string, key *ecdsa.PrivateKey) (*certificate, error) {
	found := &certificate{identity: identity, pool: x509.NewCertPool()}
	for rest := []byte(strings.Join(texts, "\n")); ; {
		block, remaining := pem.Decode(rest)
		if block == nil {
			break
		}
		rest = remaining
		one, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		found.chain = append(found.chain, one)
	}
	if len(found.chain) < 2 {
		return nil, fmt.Errorf("istiod sent %d certificates: the workload's and a root were expected", len(found.chain))
	}
	last := len(found.chain) - 1
	found.leaf, found.roots, found.chain = found.chain[0], found.chain[last:], found.chain[:last]
	found.pool.AddCert(found.roots[0])
	for _, each := range found.chain {
		found.tls.Certificate = append(found.tls.Certificate, each.Raw)
	}
	found.tls.PrivateKey = key
	return found, nil
}

// peerIdentity verifies a chain against the roots and gives the SPIFFE name in it.
func (c *certificate) peerIdentity(raw [][]byte) (string, error) {
	if len(raw) == 0 {
		return "", fmt.Errorf("the peer shows no certificate")
	}
	leaf, err := x509.ParseCertificate(raw[0])
	if err != nil {
		return "", err
	}
	between := x509.NewCertPool()
	for _, each := range raw[1:] {
		if one, err := x509.ParseCertificate(each); err == nil {
			between.AddCert(one)
		}
	}
	options := x509.VerifyOptions{Roots: c.pool, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if _, err := leaf.Verify(options); err != nil {
		return "", err
	}
	if len(leaf.URIs) == 0 {
		return "", fmt.Errorf("the peer's certificate names no SPIFFE identity")
	}
	return leaf.URIs[0].String(), nil
}

// clientConfig is for a connection to a peer that must be one of the identities.
func (c *certificate) clientConfig(expected []string) *tls.Config {
	return &tls.Config{
		Certificates:       []tls.Certificate{c.tls},
		NextProtos:         []string{"h2"},
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // SPIFFE names are no host names: the chain and the name are verified below.
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			identity, err := c.peerIdentity(raw)
			if err == nil && !slices.Contains(expected, identity) {
				err = fmt.Errorf("the peer is %s, expected was one of %v", identity, expected)
			}
			return err
		},
	}
}

func (c *certificate) serverConfig() *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{c.tls},
		ClientAuth:   tls.RequireAnyClientCert,
		NextProtos:   []string{"h2"},
		MinVersion:   tls.VersionTLS12,
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			_, err := c.peerIdentity(raw)
			return err
		},
	}
}
