// Reads YAML as Go programs do: kubectl, Helm and Argo CD through sigs.k8s.io/yaml, others through go-yaml v2 or v3.
// The table of what is written stands in ../README.md.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	v2 "gopkg.in/yaml.v2"
	v3 "gopkg.in/yaml.v3"
	sigs "sigs.k8s.io/yaml"
)

var loaders = map[string]func([]byte) (any, error){
	"go-yaml-v2": func(text []byte) (value any, err error) {
		err = v2.Unmarshal(text, &value)
		return
	},
	"go-yaml-v3": func(text []byte) (value any, err error) {
		err = v3.Unmarshal(text, &value)
		return
	},
	"sigs-yaml": func(text []byte) (value any, err error) {
		converted, err := sigs.YAMLToJSON(text)
		if err != nil {
			return nil, err
		}
		// Not floats: the digits that the API server would get.
		decoder := json.NewDecoder(bytes.NewReader(converted))
		decoder.UseNumber()
		err = decoder.Decode(&value)
		return
	},
}

func shown(value any) any {
	switch value := value.(type) {
	case nil, bool, string:
		return value
	case json.Number:
		return map[string]any{"n": value.String()}
	case int, int64, uint64:
		return map[string]any{"n": fmt.Sprint(value)}
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return map[string]any{"other": fmt.Sprint("float ", value)}
		}
		return map[string]any{"n": strconv.FormatFloat(value, 'g', -1, 64)}
	case []any:
		items := make([]any, 0, len(value))
		for _, item := range value {
			items = append(items, shown(item))
		}
		return items
	case map[string]any:
		entries := make([]any, 0, len(value))
		for key, item := range value {
			entries = append(entries, []any{key, shown(item)})
		}
		return map[string]any{"m": entries}
	case map[any]any:
		entries := make([]any, 0, len(value))
		for key, item := range value {
			entries = append(entries, []any{shown(key), shown(item)})
		}
		return map[string]any{"m": entries}
	default:
		return map[string]any{"other": fmt.Sprintf("%T %v", value, value)}
	}
}

// read answers one document. A panic of the reader is an answer too.
func read(load func([]byte) (any, error), line []byte) (result any) {
	defer func() {
		if problem := recover(); problem != nil {
			result = map[string]any{"error": fmt.Sprint("panic: ", problem)}
		}
	}()
	var text string
	if err := json.Unmarshal(line, &text); err != nil {
		return map[string]any{"error": err.Error()}
	}
	value, err := load([]byte(text))
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return map[string]any{"error": first}
	}
	return shown(value)
}

func main() {
	load, known := loaders[os.Args[1]]
	if !known {
		fmt.Fprintln(os.Stderr, "no such reader:", os.Args[1])
		os.Exit(2)
	}
	input := bufio.NewReader(os.Stdin)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	for {
		line, err := input.ReadBytes('\n')
		if len(line) > 0 {
			if err := encoder.Encode(read(load, line)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(2)
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
}
