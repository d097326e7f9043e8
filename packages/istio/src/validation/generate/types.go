package main

import (
	"fmt"
	"os"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

var wellKnown = map[string]string{
	"google.protobuf.Duration": "bigint", "google.protobuf.Struct": "object", "google.protobuf.Value": "unknown",
	"google.protobuf.ListValue": "unknown[]", "google.protobuf.BoolValue": "boolean", "google.protobuf.StringValue": "string",
	"google.protobuf.Int32Value": "number", "google.protobuf.UInt32Value": "number", "google.protobuf.Int64Value": "number",
	"google.protobuf.UInt64Value": "number", "google.protobuf.FloatValue": "number", "google.protobuf.DoubleValue": "number",
}

var tsScalars = map[string]string{
	"b": "boolean", "s": "string", "y": "string", "i": "number", "I": "number", "u": "number", "U": "number", "f": "number", "d": "number",
}

// writeTypes writes what the decode yields as TypeScript: defaults are absent, durations are nanoseconds.
func writeTypes(path string, t *table) {
	names := typeNames(t)
	var out strings.Builder
	out.WriteString("// Written by ../generate. What the strict decode yields: proto defaults are absent, a Duration is nanoseconds.\n")
	for i, full := range t.Names {
		if wellKnown[full] != "" || i >= len(names) || strings.HasPrefix(full, "google.") {
			continue
		}
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(full))
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&out, "\nexport type %s = {\n", names[i])
		fields := d.(protoreflect.MessageDescriptor).Fields()
		for n := 0; n < fields.Len(); n++ {
			f := fields.Get(n)
			ts := ""
			switch {
			case f.IsMap():
				ts = "Map<string, " + tsType(t, names, f.MapValue()) + ">"
			case f.IsList():
				ts = tsType(t, names, f)
				if strings.Contains(ts, "|") {
					ts = "(" + ts + ")"
				}
				ts += "[]"
			default:
				ts = tsType(t, names, f)
			}
			fmt.Fprintf(&out, "  %s?: %s;\n", f.JSONName(), ts)
		}
		out.WriteString("};\n")
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
		panic(err)
	}
}

func tsType(t *table, names []string, f protoreflect.FieldDescriptor) string {
	if s, ok := scalars[f.Kind()]; ok {
		return tsScalars[s]
	}
	if e := f.Enum(); e != nil {
		var values []string
		for n := 0; n < e.Values().Len(); n++ {
			values = append(values, "'"+string(e.Values().Get(n).Name())+"'")
		}
		return strings.Join(values, " | ") + " | number"
	}
	if w := wellKnown[string(f.Message().FullName())]; w != "" {
		return w
	}
	return names[t.index[f.Message().FullName()]]
}

// typeNames are the messages' own names without their package, with it where two would be equal.
func typeNames(t *table) []string {
	short := func(full string) (string, string) {
		parts := strings.Split(full, ".")
		if len(parts) < 4 {
			return "", strings.Join(parts, "")
		}
		return strings.ToUpper(parts[1][:1]) + parts[1][1:], strings.Join(parts[3:], "")
	}
	seen := map[string]int{}
	for _, full := range t.Names {
		_, s := short(full)
		seen[s]++
	}
	var names []string
	for _, full := range t.Names {
		pkg, s := short(full)
		if seen[s] > 1 {
			s = pkg + s
		}
		names = append(names, s)
	}
	return names
}
