//! Whatever is in a project, a command ends as one does, says what it has to say in its own words and in letters that a
//! terminal only prints, and changes nothing elsewhere.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::Project;
use crate::{FORMATS, LINES, around, commit, each, is_full, run};

const SCHEMA: &str =
    "type: object\nadditionalProperties: false\nproperties: {name: {type: string}, size: {type: integer}}\n";

/// A path, and what is written there.
type Laid = (&'static str, Option<&'static [u8]>);

/// What each of them lays over a small project that is fine: paths and what is written there; nothing takes a file away.
const CASES: &[(&str, &[Laid])] = &[
    ("nothing", &[]),
    ("signs in a value", &[("environments/prod.yaml", Some(b"name: \"a\\e[31m\\u202eb\\u200b\\x07\"\n"))]),
    ("signs in a key", &[("environments/prod.yaml", Some(b"name: p\n\"a\\e[31m\\u202eb\": 1\n"))]),
    ("signs in a template", &[("templates/a.yaml.j2", Some("name: \"\u{1b}[31m\u{202e}\u{200b}\" {{ x\u{202e} }}\n".as_bytes()))]),
    ("signs in names of files", &[("templates/\u{1b}[31m\u{202e}.yaml", Some(b"a: 1\n")), ("templates/\u{202e}.yaml.j2", Some(b"a: {{ b\n"))]),
    ("signs in the name of an environment", &[("environments/a\u{202e}b\u{1b}.yaml", Some(b"name: x\nbad: 1\n"))]),
    ("signs in settings", &[("platc.yaml", Some(b"golden: \"g\\e\\u202e\"\nrules: {\"a\\u202e/b\": error}\noutput: \"x\\u202e\"\n"))]),
    ("signs in objects", &[("templates/p.yaml", Some(b"apiVersion: v1\nkind: Pod\nmetadata: {name: \"p\\u202e\", namespace: \"w\\e\"}\nspec: {containers: [{name: \"c\\u202e\", image: \"x\\u202egpj:1\"}]}\n"))]),
    ("signs in a schema", &[("schemas/environment.schema.yaml", Some(b"type: object\ndescription: \"a\\e\\u202e\"\nproperties: {\"size\\u202e\": {type: string, description: \"x\\e[31m\\u202e\"}, name: {type: string, enum: [\"a\\u202e\"]}}\n"))]),
    ("signs in a chart", &[("charts/x/Chart.yaml", Some(b"apiVersion: v2\nname: \"x\\u202e\"\nversion: \"\\e\"\n")), ("charts/x/values.yaml", Some(b"a: &a [*a]\n")), ("charts/x/templates/a.yaml", Some(b"{{ template \"x\" }}{{ fail \"\x1b\" }}"))]),
    ("no text", &[("environments/prod.yaml", Some(b"name: \xff\xfe\n")), ("templates/a.yaml.j2", Some(b"name: \xff\n"))]),
    ("no bytes of text", &[("environments/prod.yaml", Some(b"name: a\0b\n")), ("platc.yaml", Some(b"\0"))]),
    ("a broken schema", &[("schemas/environment.schema.yaml", Some(b"type: object\nproperties: {name: {pattern: \"(((\", $ref: \"#/nowhere\", minimum: x}}\n"))]),
    ("no schema", &[("schemas/environment.schema.yaml", None)]),
    ("a schema that leads in a circle", &[("schemas/environment.schema.yaml", Some(b"$ref: \"#/$defs/a\"\n$defs: {a: {$ref: \"#/$defs/b\"}, b: {$ref: \"#/$defs/a\"}}\n"))]),
    ("layers that lead in a circle", &[("environments/prod.yaml", Some(b"extends: [dev.yaml]\n")), ("environments/dev.yaml", Some(b"extends: [prod.yaml]\n"))]),
    ("a merge conflict", &[("environments/prod.yaml", Some(b"<<<<<<< a\nname: x\n=======\nname: y\n>>>>>>> b\n"))]),
    ("a macro that calls itself", &[("templates/a.yaml.j2", Some(b"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}\n"))]),
    ("a template that is none", &[("templates/a.yaml.j2", Some(b"{% if %}{{ }}{% endfor %}{# \n"))]),
    ("rules that are none", &[("schemas/rules/a.yaml", Some(b"id: x\nrule: \"(((\"\nmatch: 5\n"))]),
    ("settings that lead out", &[("platc.yaml", Some(b"rules: 5\ngolden: /etc\noutput: ../outside\nenvironments: [.., .git]\ntemplates: {}\n"))]),
    ("folders in the place of files", &[("templates/a.yaml.j2", None), ("templates/a.yaml.j2/x", Some(b"a")), ("environments/prod.yaml", None), ("environments/prod.yaml/x", Some(b"a"))]),
    ("a definition that is none", &[("templates/c.yaml", Some(b"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: \"x\\u202e\"}\nspec: {versions: 5, names: [], group: {}}\n"))]),
    ("kustomizations that take each other in", &[("templates/a/kustomization.yaml", Some(b"resources: [../b]\nimages: [{name: x, newName: x}]\n")), ("templates/b/kustomization.yaml", Some(b"resources: [../a]\ncomponents: [../a, ../b]\n"))]),
    ("links out", &[]),
    ("brackets", &[]),
    ("ways that double", &[]),
];

/// How messages of libraries and of failed assertions read.
const RAW: [&str; 7] = ["panicked", "RUST_BACKTRACE", "a bug in", "os error", "minijinja", "serde_", "unwrap()"];

fn project(name: &str, files: &[(&str, Option<&[u8]>)]) -> Project {
    let project = Project::empty()
        .file("outside/kept", "kept\n")
        .file("project/platc.yaml", "")
        .file("project/schemas/environment.schema.yaml", SCHEMA)
        .file("project/environments/prod.yaml", "name: prod\n")
        .file("project/environments/dev.yaml", "name: dev\n")
        .file("project/templates/a.yaml.j2", "name: {{ name }}\n");
    for (path, text) in files {
        let path = format!("project/{path}");
        match text {
            Some(text) => project.write(&path, text),
            None => fs::remove_file(project.root.join(path)).unwrap(),
        }
    }
    let at = |path: &str| project.root.join("project").join(path);
    match name {
        "links out" => {
            symlink("../../outside/kept", at("templates/l.yaml")).unwrap();
            symlink("../../outside/kept", at("environments/l.yaml")).unwrap();
            symlink("../outside", at("golden")).unwrap();
            symlink("../outside", at("rendered")).unwrap();
        }
        "brackets" => {
            let deep = format!("name: {}{}\n", "[".repeat(5_000), "]".repeat(5_000));
            project.write("project/environments/prod.yaml", &deep);
            project.write("project/templates/b.yaml.j2", &deep);
            project.write("project/templates/c.yaml", &deep);
        }
        "ways that double" => {
            for level in 0..24 {
                for side in ["a", "b"] {
                    let next = level + 1;
                    let text = format!("resources: [../k{next}a, ../k{next}b]\nimages: [{{name: x, newTag: '1'}}]\n");
                    project.write(&format!("project/templates/k{level}{side}/kustomization.yaml"), text);
                }
            }
            let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: x}]}\n";
            project.write("project/templates/k24a/kustomization.yaml", "resources: [p.yaml]\n");
            project.write("project/templates/k24a/p.yaml", pod);
        }
        _ => {}
    }
    let inner = Project { root: project.root.join("project") };
    commit(&inner);
    std::mem::forget(inner);
    project
}

/// What lies outside of the project.
fn outside(project: &Project) -> Vec<(String, String)> {
    let list = |folder: &str| {
        let entries = fs::read_dir(project.root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    let mut all = [list(""), list("outside")].concat();
    all.sort();
    all
}

/// Where an output holds a letter that a terminal obeys or a reader does not see.
fn obeyed(text: &str) -> Option<usize> {
    text.find(|letter: char| {
        (letter.is_control() && !matches!(letter, '\n' | '\t'))
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    })
}

#[test]
fn every_command_ends_as_one_does() {
    each(CASES, |number, (name, files)| {
        let whole = project(name, files);
        let before = outside(&whole);
        let inner = Project { root: whole.root.join("project") };
        let mut wrong = Vec::new();
        for (at, line) in LINES.iter().enumerate() {
            let is_tried = |format: usize| is_full() || format == (at + number) % FORMATS.len();
            for (_, format) in FORMATS.iter().enumerate().filter(|(format, _)| is_tried(*format)) {
                let ran = run(&inner, line, format);
                let mut tell = |what: &str, text: &str, at: usize| {
                    wrong.push(format!("{name}: {line} --format {format}: {what}: {}", around(text, at)));
                };
                if !(0..=2).contains(&ran.code) {
                    tell(&format!("exit {}", ran.code), &ran.stderr, ran.stderr.len());
                }
                for text in [&ran.stdout, &ran.stderr] {
                    if let Some(at) = RAW.iter().find_map(|raw| text.find(raw)) {
                        tell("not its own words", text, at);
                    }
                    if let Some(at) = obeyed(text) {
                        tell("a sign that is obeyed", text, at);
                    }
                }
            }
        }
        std::mem::forget(inner);
        if outside(&whole) != before {
            wrong.push(format!("{name}: something outside of the project changed"));
        }
        wrong
    });
}
