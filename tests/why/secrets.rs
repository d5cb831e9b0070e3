//! No secret is shown: not by any command, in any format, in lines, sentences, differences or what is kept for the next run.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::Project;

/// Secrets that the schema marks: a text, one in a list, one below a marked map, a number, a short one, one of several
/// alternatives.
const MARKED: [&str; 6] =
    ["Hunter-marked-1", "Hunter-listed-2", "Hunter-below-3", "48213377", "q8X", "Hunter-either-4"];

const SCHEMA: &str = "\
type: object
additionalProperties: false
properties:
  name: {type: string, pattern: '^[a-z]+$'}
  port: {type: integer}
  db:
    type: object
    additionalProperties: false
    properties:
      password: {type: string, enum: [a, b], x-platc-secret: true}
      port: {type: integer}
  tokens: {type: array, items: {type: string, maxLength: 3, x-platc-secret: true}}
  keys: {type: object, x-platc-secret: true, additionalProperties: {type: string, pattern: '^x$'}}
  pin: {type: string, format: ipv4, x-platc-secret: true}
  code: {type: integer, x-platc-secret: true}
  either: {oneOf: [{type: string, x-platc-secret: true, maxLength: 2}, {type: integer}]}
  labels: {type: object, additionalProperties: {type: string}}
  apiToken: {type: string}
";

const MARKED_LAYER: &str = "\
name: Web
db: {password: Hunter-marked-1, prot: 1}
tokens: [Hunter-listed-2, b]
keys: {a: Hunter-below-3}
pin: 48213377
code: q8X
either: Hunter-either-4
port: many
";

fn marked() -> Project {
    Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", SCHEMA)
        .file("environments/base/base.yaml", "db: {password: Hunter-marked-1}\n")
        .file("environments/prod/environment.yaml", format!("extends: [../base]\n{MARKED_LAYER}"))
        .file("templates/a.yaml.j2", "name: {{ name }}\npassword: {{ db.password }}\n")
}

/// The same secrets, and nothing that keeps values from being edited.
fn editable() -> Project {
    let schema = SCHEMA.replace(", enum: [a, b]", "").replace(", maxLength: 3", "").replace(", pattern: '^x$'", "");
    Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", schema)
        .file("environments/base/base.yaml", "db: {password: Hunter-marked-1, port: 1}\nkeys: {a: Hunter-below-3}\n")
        .file(
            "environments/prod/environment.yaml",
            "extends: [../base]\nname: web\ndb: {password: Hunter-marked-1}\ntokens: [Hunter-listed-2, b]\n\
             keys: {c: Hunter-below-3}\n",
        )
        .file("templates/a.yaml.j2", "name: {{ name }}\n")
}

/// Secrets that give themselves away, written in pieces so that nobody who looks for some finds them here.
/// Secrets that are written into templates, each with a name beside it: in a block, a map of one line, as an option.
#[test]
fn what_its_name_gives_away_is_shown_on_no_line() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  conf: |\n    password: nameLEAK1\n    \
                    url: postgres://user:nameLEAK2@host/db\n  DB_PASSWORD: QSECRETLEAK\n---\napiVersion: v1\nkind: Pod\n\
                    metadata: {name: p}\nspec:\n  containers:\n    - name: a\n      image: \"r/a:1\"\n      env:\n        \
                    - {name: DB_PASSWORD, value: nameLEAK3}\n        - {name: X, value: \"{{ plain }}\"}\n      \
                    args: [\"--token\", \"Zq9xLEAK4kd\"]\n---\n{apiVersion: v1, kind: Secret, metadata: {name: s, labels: {a: \"{{ plain }}\"}}, \
                    stringData: {bar: LEAKdata8}}\n---\nkind: SealedSecret\nspec: {template: {stringData: {x: \"LEAKsealed{{ plain }}\"}}}\n\
                    ---\nkind: ConfigMap\ndata:\n  app.properties: \"db.password=LEAKprop{{ plain }}\"\n";
    let project = Project::empty()
        .file("platc.yaml", "rules: {secret/*: off, kubernetes/*: warning}\n")
        .file("schemas/environment.schema.yaml", "type: object\n")
        .file("environments/prod.yaml", "plain: x\n")
        .file("templates/a.yaml.j2", template);
    assert_eq!(project.run(&["golden", "prod", "--accept"]).code, 0);
    let lines = project.read("golden/prod/a.yaml").lines().count();
    let asked = (1..=lines).map(|line| project.run(&["why", &format!("prod:a.yaml:{line}")]));
    let mut said: String = asked.map(|ran| format!("$ platc why\n{ran}")).collect();
    let blocks = (1..=lines).map(|line| project.run(&["why", &format!("prod:a.yaml:{line}"), "--format", "json"]));
    said.extend(blocks.map(|ran| format!("$ platc why --format json\n{ran}")));
    project.write("templates/a.yaml.j2", template.replace("LEAK", "LEAKS"));
    said += &all_said(&project, &["diff", "prod"]);
    said += &all_said(&project, &["diff", "prod", "--view", "structure"]);
    shows_none(&said, ["LEAK"]);
    let ran = project.run(&["why", "prod:a.yaml:2"]);
    assert!(ran.stdout.contains("apiVersion: v1"), "{ran}");
}

/// A password of the environment that only its key gives away.
#[test]
fn passwords_of_an_environment_are_shown_by_no_command() {
    let project = Project::empty()
        .file("platc.yaml", "rules: {secret/*: off, kubernetes/*: warning}\n")
        .file("schemas/environment.schema.yaml", "type: object\n")
        .file("environments/base/a.yaml", "db:\n  password: correct-LEAK-base\n  dbPassword: 77LEAK\n  pin_password: 90210555\n")
        .file("environments/dev/environment.yaml", "extends: [../base]\n")
        .file("environments/prod/environment.yaml", "extends: [../base]\ndb: {password: correct-LEAK-prod}\n")
        .file("templates/a.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: \"{{ db.password }}\"\n  y: {{ db.dbPassword }}\n");
    let lines: [&[&str]; 10] = [
        &["set", "dev", "db.password", "NewLEAKword", "-n"],
        &["promote", "prod", "dev", "db", "-n"],
        &["unset", "prod", "db.password", "-n"],
        &["unset", "prod", "db", "-n"],
        &["show", "prod"],
        &["explain", "prod", "db.password"],
        &["explain", "prod", "db"],
        &["compare", "dev", "prod"],
        &["why", "prod:a.yaml:6"],
        &["why", "prod:a.yaml:7"],
    ];
    for line in lines {
        // What is typed is known to who types it.
        let said = all_said(&project, line).replace(" NewLEAKword -n", " -n");
        shows_none(&said, ["LEAK", "90210555"]);
    }
}

fn known() -> Vec<(&'static str, String)> {
    let join = |pieces: &[&str]| pieces.concat();
    let key = ["MIIEvQIBADANBgkqhkiG9w0", "BAQEFAASCBKcwggSjAgEAAoIBAQC7"].concat();
    vec![
        ("token", join(&["ghp_0123456789abcdefghij", "ABCDEFGHIJ012345"])),
        ("random", join(&["kJ8s9dPq2LmZ", "x7VbRw4Tn6Yc"])),
        ("address", join(&["Zk3qv9", "Lw"])),
        ("key", key),
        ("data", "Hunter-data-5".to_owned()),
        ("coded", "SHVudGVyLWNvZGVkLTY=".to_owned()),
        ("copied", "Hunter-copied-7".to_owned()),
        ("plain", "Hunter-plain-8".to_owned()),
    ]
}

/// A project that renders, though it is full of secrets: nobody wants to hear of them, or somebody said that they are known.
fn rendering() -> Project {
    let known = known();
    let of = |name: &str| known.iter().find(|(it, _)| *it == name).map(|(_, secret)| secret.as_str()).unwrap();
    let (token, random, address, key) = (of("token"), of("random"), of("address"), of("key"));
    let private = ["    -----BEGIN PRIVATE", " KEY-----\n"].concat();
    let end = ["    -----END PRIVATE", " KEY-----\n"].concat();
    let layer = format!(
        "name: web\nport: 80\napiToken: {random}\nlabels:\n  token: {token}\n  url: postgres://app:{address}@db/app\n  \
         key: |\n{private}    {key}\n{end}  plain: {}\n",
        of("plain")
    );
    Project::empty()
        .file("platc.yaml", "rules: {secret/*: off, kubernetes/*: warning, output/*: warning, change/*: warning}\n")
        .file("schemas/environment.schema.yaml", SCHEMA)
        .file("environments/prod/environment.yaml", layer)
        .file(
            "templates/secret.yaml.j2",
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata: {{name: \"{{{{ name }}}}\", labels: {{a: not good}}}}\ntype: Opaque\n\
                 stringData:\n  own: {}\n  plain: {{{{ labels.plain }}}}\n  2 wrong: {}\ndata:\n  coded: {}\n  \
                 wrong: {{{{ labels.plain }}}}\n",
                of("data"),
                of("data"),
                of("coded")
            ),
        )
        .file(
            "templates/config.yaml.j2",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  url: {{ labels.url }}\n  \
             args: --with={{ apiToken }}\n  t: {{ labels.token }}\n  k: {{ labels.key }}\n  todo: CHANGEME\n  n: 5\n",
        )
        .file(
            "templates/copied/secret.yaml",
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata: {{name: Not_Good}}\nstringData: {{a: {}, b: 5}}\n",
                of("copied")
            ),
        )
        .file("templates/run.txt.j2", "call {{ labels.url }} {{ apiToken }}\n")
}

/// What is said by a command in any format, verbose or not, with colours or without.
fn all_said(project: &Project, args: &[&str]) -> String {
    let mut said = String::new();
    for format in ["text", "json", "sarif", "github", "junit"] {
        let ran = project.run(&[args, &["--format", format]].concat());
        let _ = write!(said, "$ platc {} --format {format}\n{ran}", args.join(" "));
    }
    for more in [&["-v"][..], &["--color", "always"]] {
        let ran = project.run(&[args, more].concat());
        let _ = write!(said, "$ platc {} {}\n{ran}", args.join(" "), more.join(" "));
    }
    said
}

fn shows_none(said: &str, secrets: impl IntoIterator<Item = impl AsRef<str>>) {
    for secret in secrets {
        let secret = secret.as_ref();
        let Some(at) = said.find(secret) else { continue };
        let command = said[..at].rfind("$ platc").unwrap_or(0);
        let (from, to) = (at.saturating_sub(400).max(command), (at + 100).min(said.len()));
        let line = said[command..].lines().next().unwrap_or_default();
        panic!("`{secret}` is shown by {line}:\n{}", String::from_utf8_lossy(&said.as_bytes()[from..to]));
    }
}

#[test]
fn what_the_schema_marks_is_shown_by_no_command() {
    let project = marked();
    let mut said = String::new();
    for args in [
        &["validate"][..],
        &["validate", "prod", "--set", "db.port=x"],
        &["render", "prod"],
        &["render", "prod", "--check"],
        &["diff", "prod"],
        &["golden", "prod"],
        &["show", "prod"],
        &["show", "prod", "--provenance"],
        &["explain", "prod", "**"],
        &["why", "prod:a.yaml:2"],
        &["unset", "prod", "tokens", "--dry-run"],
        &["set", "prod", "port", "80", "--dry-run"],
    ] {
        said += &all_said(&project, args);
    }
    shows_none(&said, MARKED);
    // What is typed is a secret as well.
    let said = all_said(&project, &["validate", "prod", "--set", "keys.b=Hunter-typed-9"]);
    shows_none(&said.replace("--set keys.b=Hunter-typed-9", ""), ["Hunter-typed-9"]);
    for value in ["Hunter-typed-9", "7"] {
        let said = all_said(&project, &["set", "prod", "db.password", value, "--dry-run"]);
        shows_none(&said.replace(&format!("db.password {value}"), ""), ["Hunter-typed-9", "`7`"]);
    }
    // Maps and lists of secrets, in the sentence below the difference as well.
    let mut said = String::new();
    for args in [
        &["set", "prod", "db", "{port: 2}", "--dry-run"][..],
        &["set", "prod", "db", "{password: a, port: 2}", "--dry-run"],
        &["unset", "prod", "db", "--dry-run"],
        &["unset", "prod", "db.port", "--dry-run"],
        &["set", "prod", "tokens", "[a]", "--dry-run"],
        &["set", "prod", "tokens", "[Hunter-listed-2, b]", "--dry-run"],
        &["set", "prod", "keys", "{b: x}", "--dry-run"],
        &["unset", "prod", "keys", "--dry-run"],
        &["unset", "base", "db", "--dry-run"],
    ] {
        said += &all_said(&editable(), args).replace(&args.join(" "), "");
    }
    shows_none(&said, MARKED);
    let ran = editable().run(&["set", "prod", "db", "{port: 2}", "--dry-run"]);
    assert!(ran.stderr.contains(r#"db: `{"password":"***","port":1}` → "#), "{ran}");
    // Lines are drawn all the same, with what stands beside a secret in its column.
    let ran = project.run(&["validate"]);
    assert!(ran.stdout.contains("environment.yaml:3:33"), "{ran}");
    assert!(ran.stdout.contains("db: {password: ***            , prot: 1}"), "{ran}");
}

#[test]
fn what_gives_itself_away_and_what_secrets_hold_is_shown_by_no_command() {
    let project = rendering();
    let secrets = || known().into_iter().map(|(_, secret)| secret);
    let mut said = String::new();
    for args in [
        &["validate"][..],
        &["validate", "--set", "port=x"],
        &["render", "prod"],
        &["golden", "prod", "--accept"],
        &["show", "prod", "apiToken"],
        &["explain", "prod", "apiToken"],
        &["why", "prod:secret.yaml:12"],
        &["why", "prod:config.yaml:6"],
        &["why", "prod:config.yaml:9"],
        &["why", "prod:run.txt:1"],
        &["why", "prod:copied/secret.yaml:7"],
        &["set", "prod", "port", "81", "--dry-run"],
        &["unset", "prod", "labels.url", "--dry-run"],
    ] {
        said += &all_said(&project, args);
    }
    // Somebody edits a tree, and the environment changes.
    for file in ["secret.yaml", "config.yaml", "run.txt", "copied/secret.yaml"] {
        for tree in ["golden", "rendered"] {
            let path = format!("{tree}/prod/{file}");
            let is_value = |line: &str| !line.ends_with([':', '|', '-']) && !line.contains("kind:");
            let edited = |line: &str| if is_value(line) { format!("{line}x\n") } else { format!("{line}\n") };
            let text: String = project.read(&path).lines().map(edited).collect();
            project.write(&path, text);
        }
    }
    for args in [
        &["golden", "prod"][..],
        &["diff", "prod"],
        &["diff", "prod", "--against", "rendered"],
        &["render", "prod", "--check"],
        &["render", "prod"],
        &["validate", "prod"],
        &["why", "rendered/prod/config.yaml:6"],
    ] {
        said += &all_said(&project, args);
    }
    // The data of Secrets is masked for good; a value of the environment may be shown where it is no secret.
    shows_none(&said, secrets());
}

/// Values that only the place where they end gives away, two of each: before and after a change.
#[test]
fn what_its_place_in_the_output_gives_away_is_shown_by_no_command() {
    let layer = |number: usize| format!("pw: hunterLEAK{number}\n");
    let pod = "spec: {containers: [{name: a, image: \"r/a:1\", args: [\"--user=app --password={{ pw }}\"], env: [\n  \
               {name: DB_PASSWORD, value: {{ pw }}}]}]}\n";
    let project = Project::empty()
        .file("platc.yaml", "rules: {secret/*: off, kubernetes/*: warning, cfn/*: warning}\n")
        .file("schemas/environment.schema.yaml", "type: object\nproperties: {pw: {type: string}}\n")
        .file("environments/prod.yaml", layer(1))
        .file(
            "templates/cf.yaml.j2",
            "Resources:\n  S:\n    Type: AWS::SecretsManager::Secret\n    Properties: {SecretString: \"{{ pw }}\"}\n  \
             D:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      MasterUserPassword: !Sub \"{{ pw }}\"\n",
        )
        .file("templates/pod.yaml.j2", format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\n{pod}"))
        .file(
            "templates/secret.json.j2",
            "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"a\"}, \"stringData\": {\"p\": \"{{ pw }}\"}}\n",
        )
        .file(
            "templates/list.json.j2",
            "{\"kind\": \"List\", \"items\": [{\"kind\": \"Secret\", \"stringData\": {\"p\": {\"q\": [\"{{ pw }}\"]}}}]}\n",
        )
        .file(
            "templates/several.yaml.j2",
            "kind: ConfigMap\nmetadata: {name: a}\n---\nkind: Secret\nmetadata: {name: b}\nstringData: {p: {{ pw }}}\n",
        )
        .file("templates/line.json", "{\"kind\": \"Secret\", \"stringData\": {\"p\": \"hunterLEAK1\"}}\n")
        .file("templates/flow.yaml", "{kind: Secret, stringData: {p: hunterLEAK1}, metadata: {name: c}}\n");
    assert_eq!(project.run(&["golden", "prod", "--accept"]).code, 0);
    let mut said = String::new();
    for file in ["cf.yaml", "pod.yaml", "secret.json", "list.json", "several.yaml", "line.json", "flow.yaml"] {
        let text = project.read(&format!("golden/prod/{file}"));
        for (number, _) in text.lines().enumerate().filter(|(_, line)| line.contains("LEAK")) {
            said += &all_said(&project, &["why", &format!("prod:{file}:{}", number + 1)]);
        }
    }
    project.write("environments/prod.yaml", layer(2));
    for file in ["templates/line.json", "templates/flow.yaml"] {
        project.write(file, project.read(file).replace("LEAK1", "LEAK2"));
    }
    for args in [
        &["diff", "prod"][..],
        &["diff", "prod", "--format", "markdown"],
        &["diff", "prod", "--view", "impact"],
        &["golden", "prod", "--check"],
    ] {
        said += &if args.contains(&"markdown") {
            format!("$ platc {}\n{}", args.join(" "), project.run(args))
        } else {
            all_said(&project, args)
        };
    }
    shows_none(&said, ["hunterLEAK", "LEAK1", "LEAK2"]);
    let ran = project.run(&["diff", "prod"]);
    assert!(ran.stdout.contains("SecretString: ***") && ran.stdout.contains("\"p\": ***"), "{ran}");
}

#[test]
fn no_secret_is_kept_for_the_next_run() {
    for (project, secrets) in [
        (marked(), MARKED.map(str::to_owned).to_vec()),
        (rendering(), known().into_iter().map(|(_, secret)| secret).collect()),
    ] {
        // It may not lie in a work tree.
        let cache = std::env::temp_dir().join(project.root.file_name().unwrap()).with_extension("cache");
        let mut said = String::new();
        for _ in 0..2 {
            for args in [&["validate"][..], &["golden"], &["render", "--check"]] {
                let mut command = project.command(args);
                let ran = crate::support::Ran::from(command.arg("--cache-dir").arg(&cache).output().unwrap());
                let _ = write!(said, "$ platc {}\n{ran}", args.join(" "));
            }
        }
        shows_none(&said, &secrets);
        for file in files(&cache) {
            let bytes = fs::read(&file).unwrap();
            shows_none(&format!("$ platc {}\n{}", file.display(), String::from_utf8_lossy(&bytes)), &secrets);
        }
        assert!(!files(&cache).is_empty());
        fs::remove_dir_all(&cache).unwrap();
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.flat_map(|it| if it.path().is_dir() { files(&it.path()) } else { vec![it.path()] }).collect()
}
