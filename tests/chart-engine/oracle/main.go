package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

type Case struct {
	Templates map[string]string `json:"templates"`
	Values    string            `json:"values"`
	Files     map[string]string `json:"files"`
}

type Answer struct {
	Files map[string]string `json:"files,omitempty"`
	Error string            `json:"error,omitempty"`
}

func one(c Case) (a Answer) {
	defer func() {
		if r := recover(); r != nil {
			a = Answer{Error: fmt.Sprint("panic: ", r)}
		}
	}()
	ch := &chart.Chart{Metadata: &chart.Metadata{Name: "app", Version: "1.2.3", AppVersion: "4.5", APIVersion: "v2", Type: "application", Description: "a chart", Annotations: map[string]string{"a/b": "c"}, Keywords: []string{"x", "y"}}}
	for n, t := range c.Templates {
		ch.Templates = append(ch.Templates, &chart.File{Name: "templates/" + n, Data: []byte(t)})
	}
	for n, t := range c.Files {
		ch.Files = append(ch.Files, &chart.File{Name: n, Data: []byte(t)})
	}
	vals := map[string]interface{}{}
	if err := json.Unmarshal([]byte(c.Values), &vals); err != nil {
		return Answer{Error: "values: " + err.Error()}
	}
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion = chartutil.KubeVersion{Version: "v1.31.2", Major: "1", Minor: "31"}
	caps.APIVersions = chartutil.VersionSet{"v1", "apps/v1", "batch/v1"}
	top, err := chartutil.ToRenderValues(ch, vals, chartutil.ReleaseOptions{Name: "rel", Namespace: "ns", Revision: 1, IsInstall: true}, caps)
	if err != nil {
		return Answer{Error: err.Error()}
	}
	out, err := engine.Render(ch, top)
	if err != nil {
		return Answer{Error: err.Error()}
	}
	return Answer{Files: out}
}

func main() {
	debug.SetMaxStack(2 << 20)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	dec := json.NewDecoder(in)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for {
		var c Case
		if err := dec.Decode(&c); err != nil {
			return
		}
		enc.Encode(one(c))
		out.Flush()
	}
}
