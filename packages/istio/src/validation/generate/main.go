// Command tables writes the field tables that the strict decode reads, from the protobuf descriptors
// that one Istio release is built with. Run it in a Go module that requires that istio.io/istio:
//
//	go run main.go types.go -out ../generated
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"

	udpa "github.com/cncf/xds/go/udpa/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "istio.io/api/extensions/v1alpha1"
	_ "istio.io/api/mesh/v1alpha1"
	_ "istio.io/api/networking/v1alpha3"
	_ "istio.io/api/networking/v1beta1"
	_ "istio.io/api/security/v1beta1"
	_ "istio.io/api/telemetry/v1alpha1"
	_ "istio.io/istio/pilot/cmd/pilot-discovery/app"
	_ "istio.io/istio/pkg/config/xds"
)

var istioRoots = []string{
	"istio.networking.v1alpha3.VirtualService", "istio.networking.v1alpha3.DestinationRule",
	"istio.networking.v1alpha3.Gateway", "istio.networking.v1alpha3.ServiceEntry",
	"istio.networking.v1alpha3.Sidecar", "istio.networking.v1alpha3.EnvoyFilter",
	"istio.networking.v1alpha3.WorkloadEntry", "istio.networking.v1alpha3.WorkloadGroup",
	"istio.networking.v1beta1.ProxyConfig", "istio.security.v1beta1.AuthorizationPolicy",
	"istio.security.v1beta1.RequestAuthentication", "istio.security.v1beta1.PeerAuthentication",
	"istio.telemetry.v1alpha1.Telemetry", "istio.extensions.v1alpha1.WasmPlugin",
	"istio.extensions.v1alpha1.TrafficExtension",
}

var meshRoots = []string{"istio.mesh.v1alpha1.MeshConfig", "istio.mesh.v1alpha1.MeshNetworks"}

var scalars = map[protoreflect.Kind]string{
	protoreflect.BoolKind: "b", protoreflect.StringKind: "s", protoreflect.BytesKind: "y",
	protoreflect.Int32Kind: "i", protoreflect.Sint32Kind: "i", protoreflect.Sfixed32Kind: "i",
	protoreflect.Int64Kind: "I", protoreflect.Sint64Kind: "I", protoreflect.Sfixed64Kind: "I",
	protoreflect.Uint32Kind: "u", protoreflect.Fixed32Kind: "u",
	protoreflect.Uint64Kind: "U", protoreflect.Fixed64Kind: "U",
	protoreflect.FloatKind: "f", protoreflect.DoubleKind: "d",
}

type table struct {
	Names    []string `json:"names"`
	Messages []string `json:"messages"`
	Enums    []string `json:"enums"`
	Frozen   []int    `json:"frozen,omitempty"`
	index    map[protoreflect.FullName]int
	enumIdx  map[protoreflect.FullName]int
}

func newTable() *table {
	return &table{index: map[protoreflect.FullName]int{}, enumIdx: map[protoreflect.FullName]int{}}
}

func (t *table) message(d protoreflect.MessageDescriptor) int {
	if i, ok := t.index[d.FullName()]; ok {
		return i
	}
	i := len(t.Names)
	t.index[d.FullName()] = i
	t.Names = append(t.Names, string(d.FullName()))
	t.Messages = append(t.Messages, "")
	if frozen(d) {
		t.Frozen = append(t.Frozen, i)
	}
	var fields []string
	for n := 0; n < d.Fields().Len(); n++ {
		fields = append(fields, t.field(d.Fields().Get(n)))
	}
	t.Messages[i] = strings.Join(fields, " ")
	return i
}

func (t *table) field(f protoreflect.FieldDescriptor) string {
	name := string(f.Name())
	if f.JSONName() != camel(name) {
		name += "/" + f.JSONName()
	}
	kind := ""
	switch {
	case f.IsMap():
		kind = "{" + t.kind(f.MapKey()) + "}" + t.kind(f.MapValue())
	case f.IsList():
		kind = t.kind(f) + "*"
	default:
		kind = t.kind(f)
		if o := f.ContainingOneof(); o != nil && !o.IsSynthetic() {
			kind += fmt.Sprintf("@%d", o.Index())
		} else if f.HasPresence() && f.Message() == nil {
			kind += "?"
		}
	}
	return name + ":" + kind
}

func (t *table) kind(f protoreflect.FieldDescriptor) string {
	if s, ok := scalars[f.Kind()]; ok {
		return s
	}
	if e := f.Enum(); e != nil {
		return fmt.Sprintf("e%d", t.enum(e))
	}
	return fmt.Sprintf("m%d", t.message(f.Message()))
}

func (t *table) enum(e protoreflect.EnumDescriptor) int {
	if i, ok := t.enumIdx[e.FullName()]; ok {
		return i
	}
	i := len(t.Enums)
	t.enumIdx[e.FullName()] = i
	var values []string
	for n := 0; n < e.Values().Len(); n++ {
		v := e.Values().Get(n)
		values = append(values, fmt.Sprintf("%s=%d", v.Name(), v.Number()))
	}
	t.Enums = append(t.Enums, string(e.FullName())+" "+strings.Join(values, " "))
	return i
}

func frozen(d protoreflect.MessageDescriptor) bool {
	var opts proto.Message = d.ParentFile().Options().(*descriptorpb.FileOptions)
	if !proto.HasExtension(opts, udpa.E_FileStatus) {
		return false
	}
	status, ok := proto.GetExtension(opts, udpa.E_FileStatus).(*udpa.StatusAnnotation)
	return ok && status.PackageVersionStatus == udpa.PackageVersionStatus_FROZEN
}

// Linked into istiod, but never the type of an Envoy configuration.
func foreign(name string) bool {
	for _, prefix := range []string{"agentgateway.", "openapi.", "gnostic.", "grpc.", "istio.operator.", "istio.mcp."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func camel(name string) string {
	var out strings.Builder
	upper := false
	for _, c := range name {
		switch {
		case c == '_':
			upper = true
		case upper && c >= 'a' && c <= 'z':
			out.WriteRune(c - 32)
			upper = false
		default:
			out.WriteRune(c)
			upper = false
		}
	}
	return out.String()
}

func write(path string, t *table) {
	text, err := json.Marshal(t)
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s: %d messages, %d enums, %d bytes\n", path, len(t.Names), len(t.Enums), len(text))
}

func tableOf(roots []string) *table {
	t := newTable()
	for _, name := range roots {
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			fmt.Fprintln(os.Stderr, name, err)
			os.Exit(1)
		}
		t.message(d.(protoreflect.MessageDescriptor))
	}
	return t
}

func main() {
	out := flag.String("out", ".", "folder to write istio.json, mesh.json and envoy.json to")
	flag.Parse()

	istio := tableOf(istioRoots)
	write(*out+"/istio.json", istio)
	writeTypes(*out+"/types.ts", istio)
	write(*out+"/mesh.json", tableOf(meshRoots))

	var all []protoreflect.MessageDescriptor
	protoregistry.GlobalTypes.RangeMessages(func(mt protoreflect.MessageType) bool {
		if !mt.Descriptor().IsMapEntry() {
			all = append(all, mt.Descriptor())
		}
		return true
	})
	all = slices.DeleteFunc(all, func(d protoreflect.MessageDescriptor) bool { return foreign(string(d.FullName())) })
	sort.Slice(all, func(a, b int) bool { return all[a].FullName() < all[b].FullName() })
	envoy := newTable()
	for _, d := range all {
		envoy.message(d)
	}
	write(*out+"/envoy.json", envoy)
}
