// Answers questions in CEL as Kubernetes' API server does: with its own engine, its own types of a schema's values.
//
// A question is a line of JSON: {"schema": …, "self": …, "asks": [expression, …]}. Its answer is the same line with
// "answers" beside: a value written as ../README.md says, `refused` if the expression does not compile, or `error`.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/version"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

type question struct {
	Schema  json.RawMessage `json:"schema"`
	Self    json.RawMessage `json:"self"`
	Asks    []string        `json:"asks"`
	Answers []string        `json:"answers"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var asked question
		must(json.Unmarshal(lines.Bytes(), &asked))
		answer(&asked)
		must(out.Encode(asked))
	}
	must(lines.Err())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func answer(asked *question) {
	var written v1.JSONSchemaProps
	must(json.Unmarshal(asked.Schema, &written))
	var internal apiextensions.JSONSchemaProps
	must(v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&written, &internal, nil))
	structural, err := schema.NewStructural(&internal)
	must(err)
	var self any
	must(utiljson.Unmarshal(asked.Self, &self))
	defaulting.PruneNonNullableNullsWithoutDefaults(self, structural)
	defaulting.Default(self, structural)

	declared := model.SchemaDeclType(structural, structural.XEmbeddedResource).MaybeAssignTypeName("selfType")
	set, err := environment.MustBaseEnvSet(version.MajorMinor(1, 35)).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        []cel.EnvOption{cel.Variable("self", declared.CelType())},
		DeclTypes:         []*apiservercel.DeclType{declared},
	})
	must(err)
	env := set.StoredExpressionsEnv()
	value := schemacel.UnstructuredToVal(self, structural)
	asked.Answers = nil
	for _, text := range asked.Asks {
		asked.Answers = append(asked.Answers, ask(env, text, value))
	}
}

func ask(env *cel.Env, text string, self ref.Val) string {
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return "refused"
	}
	program, err := env.Program(ast)
	if err != nil {
		return "refused"
	}
	value, _, err := program.Eval(map[string]any{"self": self})
	if err != nil {
		return "error"
	}
	return show(value)
}

func show(value ref.Val) string {
	if value == nil {
		return "error"
	}
	switch value := value.(type) {
	case types.Null:
		return "null"
	case types.Bool:
		return strconv.FormatBool(bool(value))
	case types.Int:
		return strconv.FormatInt(int64(value), 10)
	case types.Uint:
		return strconv.FormatUint(uint64(value), 10) + "u"
	case types.Double:
		return double(float64(value))
	case types.String:
		text, err := json.Marshal(string(value))
		must(err)
		return string(text)
	case types.Bytes:
		return "bytes(" + hex.EncodeToString(value) + ")"
	case types.Duration:
		return "duration(" + strconv.FormatInt(int64(value.Duration), 10) + ")"
	case types.Timestamp:
		return "timestamp(" + value.Time.UTC().Format(time.RFC3339Nano) + ")"
	case *types.Optional:
		if !value.HasValue() {
			return "none"
		}
		return "some(" + show(value.GetValue()) + ")"
	case traits.Lister:
		var items []string
		for it := value.Iterator(); it.HasNext() == types.True; {
			items = append(items, show(it.Next()))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case traits.Mapper:
		var entries []string
		for it := value.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			// A field that is null is listed, but not there.
			if held, found := value.Find(key); found {
				entries = append(entries, show(key)+": "+show(held))
			}
		}
		sort.Strings(entries)
		return "{" + strings.Join(entries, ", ") + "}"
	case *types.Type:
		return "type(" + value.TypeName() + ")"
	case apiservercel.IP:
		return "ip(" + value.Addr.String() + ")"
	case apiservercel.CIDR:
		return "cidr(" + value.Prefix.String() + ")"
	case apiservercel.Quantity:
		return "quantity"
	case apiservercel.Semver:
		return "semver(" + value.Version.String() + ")"
	case apiservercel.URL:
		return "url"
	}
	return "a " + value.Type().TypeName()
}

func double(value float64) string {
	switch {
	case math.IsNaN(value):
		return "NaN"
	case math.IsInf(value, 0):
		return fmt.Sprintf("%+v", value)
	}
	text := strconv.FormatFloat(value, 'e', -1, 64)
	return text
}
