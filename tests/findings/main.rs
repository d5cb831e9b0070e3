//! Every rule fires on an input written for it, and says what is committed beside that input.
//!
//! A case is a file `cases/STAGE/RULE.case` (or `RULE.variant.case`). It is a small project, laid over the one in
//! [`BASE`], and commands run in it:
//!
//! ```text
//! What this case is about.
//! $ platc validate                            (the default if there is no such line; in `RULE.case` with `--format json`, too)
//! $ echo key: value >> rendered/prod/x.yaml   (somebody edits a file between two commands)
//! --- environments/prod/environment.yaml ---
//! …text…
//! --- environments/prod/link.yaml -> /etc/passwd ---
//! --- environments/prod/pipe.yaml (fifo) ---
//! --- environments/prod/raw.yaml (escaped) ---       \xff, \n, \t, \u{feff} and \\ mean what they mean in Rust
//! --- schemas/environment.schema.yaml (gone) ---
//! ```
//!
//! The rule must fire, or, in a case `RULE.quiet.case`, must not, though it comes close. Every rule has both; where none is
//! written, both sides of the rule's example are. The exit code, standard output and standard error of all commands
//! are the snapshot `RULE.snap` beside it. Renew with `INSTA_UPDATE=always cargo test --test findings`, and read the
//! difference like code. What is printed for other programs is held to the schemas of their formats as well.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests build real projects and fail loudly")]

mod cloudformation;
#[path = "../support/judges.rs"]
mod judges;
mod places;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use platc::artifact::File;
use platc::finding::render::text::{self, Look};
use platc::limits::Limits;
use platc::source::{Sources, Span};
use platc::tree;

use support::{Project, Ran};

/// The project that a case changes: one environment on one layer, one schema, one template.
const BASE: &[(&str, &str)] = &[
    ("platc.yaml", ""),
    ("environments/base/base.yaml", "cluster:\n  name: main\n  version: \"1.34\"\n"),
    ("environments/prod/environment.yaml", "extends: [../base]\ncluster:\n  version: \"1.35\"\n"),
    ("schemas/environment.schema.yaml", include_str!("base.schema.yaml")),
    ("templates/cluster.yaml.j2", "name: {{ cluster.name }}\nversion: {{ cluster.version }}\n"),
    // Makes nothing, and says that all settings have a use.
    ("templates/rest.yaml.j2", include_str!("rest.yaml.j2")),
];

/// Rules that no small project brings about, and the test that does: it names the rule, or the rule's constant.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("project/too-large", "tests/merge/robust.rs", "project/too-large"),
    ("project/over-budget", "tests/accounts.rs", "project/over-budget"),
    ("project/more-findings", "tests/accounts.rs", "rules_that_nobody_knows_are_counted"),
    // Templates refuse such paths and sizes first; what other makers of trees hand over is judged once more.
    ("output/unsafe-path", "tests/publish.rs", "paths_that_collide_or_lead_out_are_found_before_anything_is_written"),
    ("output/artifact-too-large", "tests/findings/main.rs", "trees_that_are_too_large"),
    ("output/tree-too-large", "tests/findings/main.rs", "trees_that_are_too_large"),
    ("output/misread", "src/artifact/verify.rs", "output/misread"),
    // There is no git in a case.
    ("output/tracked-leftover", "tests/hooks/places.rs", "output/tracked-leftover"),
    ("rules/switched-off", "tests/cli/validate.rs", "rules/switched-off"),
];

/// Rules that no small project comes close to, and the test that does.
const QUIET_ELSEWHERE: &[(&str, &str, &str)] = &[
    // A hundred thousand files.
    ("project/too-large", "tests/merge/robust.rs", "a_project_of_the_size_of_its_budget_is_read"),
    ("rules/switched-off", "tests/cli/validate.rs", "what_is_as_strict_as_before"),
    ("output/tracked-leftover", "tests/hooks/places.rs", "untracked is the next run's to remove"),
    ("project/over-budget", "tests/accounts.rs", "what_is_long_and_honest_passes"),
    ("project/more-findings", "tests/accounts.rs", "what_is_long_and_honest_passes"),
];

struct Case {
    path: PathBuf,
    commands: Vec<String>,
    files: Vec<(String, String)>,
}

fn cases() -> Vec<Case> {
    let mut paths = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings/cases");
    for stage in fs::read_dir(root).unwrap() {
        for file in fs::read_dir(stage.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "case") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let mut cases: Vec<Case> = paths.into_iter().map(Case::read).collect();
    let examples: Vec<Case> = platc::rules::rules().flat_map(|rule| Case::examples(rule, &cases)).collect();
    cases.extend(examples);
    cases
}

impl Case {
    /// The sides of a rule's example that have no case of their own: what is wrong in text and as JSON, what is right.
    /// Examples for a fleet and of changes have several trees, and cases of their own.
    fn examples(rule: &platc::finding::Rule, written: &[Self]) -> Vec<Self> {
        let Some(example) =
            rule.example.as_ref().filter(|_| !rule.id.starts_with("fleet/") && !rule.id.starts_with("change/"))
        else {
            return Vec::new();
        };
        let has = |ending| written.iter().any(|case| case.path.ends_with(format!("{}{ending}", rule.id)));
        let wrong = (!has(".case")).then(|| Self::example(rule, ".case", example.wrong));
        let right = (!has(".quiet.case")).then(|| Self::example(rule, ".quiet.case", example.right));
        wrong.into_iter().chain(right).collect()
    }

    /// One side of an example: a tree's templates.
    fn example(rule: &platc::finding::Rule, ending: &str, written: &str) -> Self {
        let mut files: Vec<(String, String)> = Vec::new();
        for line in platc::finding::codes::Example::text(written).split_inclusive('\n') {
            match line.strip_prefix("--- # ") {
                Some(path) => files.push((format!("templates/{}.j2", path.trim()), String::new())),
                None if files.is_empty() => files.push(("templates/template.yaml.j2".to_owned(), line.to_owned())),
                None => files.last_mut().unwrap().1.push_str(line),
            }
        }
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings/cases");
        Self { path: cases.join(format!("{}{ending}", rule.id)), commands: Vec::new(), files }.with_commands()
    }

    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let mut commands = Vec::new();
        let mut files: Vec<(String, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            if let Some(head) = line.trim_end().strip_prefix("--- ").and_then(|line| line.strip_suffix(" ---")) {
                files.push((head.to_owned(), String::new()));
            } else if let Some((_, text)) = files.last_mut() {
                text.push_str(line);
            } else if let Some(command) = line.strip_prefix("$ ") {
                commands.push(command.trim_end().to_owned());
            }
        }
        Self { path, commands, files }.with_commands()
    }

    /// The commands that need not be written: in the first case of a rule the finding is shown as JSON, too.
    fn with_commands(mut self) -> Self {
        if self.commands.is_empty() {
            self.commands.push("platc validate".to_owned());
            if !self.name().contains('.') {
                self.commands.push("platc validate --format json".to_owned());
            }
        }
        self
    }

    /// `stage/rule`, from the path.
    fn rule(&self) -> String {
        let stage = self.path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        format!("{stage}/{}", self.name().split('.').next().unwrap())
    }

    /// A case that comes close to breaking the rule, and does not.
    fn is_quiet(&self) -> bool {
        self.name().split('.').next_back() == Some("quiet")
    }

    /// The file's name without `.case`.
    fn name(&self) -> &str {
        self.path.file_stem().unwrap().to_str().unwrap()
    }

    fn project(&self) -> Project {
        let project = Project::empty();
        for (path, text) in BASE {
            project.write(path, text);
        }
        // Schemas are written for one rule, and not for templates that would read all they speak of.
        if !self.rule().starts_with("hygiene/") {
            project.write("platc.yaml", "rules:\n  hygiene/unread-property: off\n  hygiene/unused-value: off\n");
        }
        for (head, text) in &self.files {
            self.place(&project, head, text);
        }
        project
    }

    fn place(&self, project: &Project, head: &str, text: &str) {
        let prepare = |path: &str| {
            let full = project.root.join(path);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            full
        };
        if let Some((path, target)) = head.split_once(" -> ") {
            std::os::unix::fs::symlink(target, prepare(path)).unwrap();
            return;
        }
        match head.split_once(" (").map(|(path, word)| (path, word.trim_end_matches(')'))) {
            None => project.write(head, text),
            Some((path, "gone")) => fs::remove_file(project.root.join(path)).unwrap(),
            Some((path, "escaped")) => project.write(path, unescape(text)),
            Some((path, "fifo")) => {
                let full = prepare(path);
                let made = std::process::Command::new("mkfifo").arg(&full).status().unwrap();
                assert!(made.success(), "mkfifo {}", full.display());
            }
            Some((_, word)) => panic!("{}: `{word}` is no kind of file", self.path.display()),
        }
    }

    /// All commands and what they gave, one after the other.
    fn run(&self, judges: &Judges) -> String {
        let project = self.project();
        let mut shown = String::new();
        for command in &self.commands {
            let _ = writeln!(shown, "$ {command}");
            if let Some(args) = command.strip_prefix("platc ") {
                let ran = project.run(&args.split(' ').collect::<Vec<_>>());
                assert!(!ran.stderr.contains("this is a bug"), "{}: {ran}", self.path.display());
                judges.judge(command, &ran, &self.path);
                let _ = write!(shown, "{ran}");
            } else if let Some((line, path)) = command.strip_prefix("echo ").and_then(|echo| echo.split_once(" >> ")) {
                project.write(path, format!("{}{line}\n", project.read(path)));
            } else {
                panic!("{}: `{command}` cannot be run", self.path.display());
            }
        }
        shown
    }
}

/// What judges the output for other programs.
struct Judges {
    json: Validator,
    sarif: Option<Validator>,
}

impl Judges {
    fn judge(&self, command: &str, ran: &Ran, case: &Path) {
        let judge = match command.split_once(" --format ") {
            Some((_, "json")) => &self.json,
            Some((_, "sarif")) if self.sarif.is_some() => self.sarif.as_ref().unwrap(),
            _ => return,
        };
        let document = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"));
        let errors = judges::errors(judge, &document);
        assert!(errors.is_empty(), "{}: `{command}`: {errors:#?}\n{ran}", case.display());
    }
}

/// The text without its final line end, with Rust's escapes undone, as bytes: `\xff` need not be UTF-8.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.strip_suffix('\n').unwrap_or(text).chars();
    while let Some(letter) = rest.next() {
        if letter != '\\' {
            bytes.extend(letter.to_string().bytes());
            continue;
        }
        match rest.next().unwrap() {
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            '\\' => bytes.push(b'\\'),
            '0' => bytes.push(0),
            'x' => {
                let digits: String = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap());
            }
            'u' => {
                let digits: String = rest.by_ref().skip(1).take_while(|digit| *digit != '}').collect();
                let letter = char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap();
                bytes.extend(letter.to_string().bytes());
            }
            // `\*1000 x` repeats the rest of the line, for what is too long to be written out.
            '*' => {
                let count: String = rest.by_ref().take_while(char::is_ascii_digit).collect();
                let unit: String = rest.by_ref().take_while(|letter| *letter != '\n').collect();
                let unit = unescape(&unit);
                for _ in 0..count.parse::<usize>().unwrap() {
                    bytes.extend(&unit);
                }
                bytes.push(b'\n');
            }
            other => panic!("`\\{other}` is no escape"),
        }
    }
    bytes
}

#[test]
fn every_case_says_what_is_committed() {
    let judges = Judges { json: judges::json(), sarif: None };
    let mut wrong = Vec::new();
    for case in cases() {
        let shown = case.run(&judges);
        let fires = shown.contains(&format!("[{}]", case.rule()));
        if fires == case.is_quiet() {
            let does = if fires { "fires" } else { "does not fire" };
            wrong.push(format!("{} {does}:\n{shown}", case.path.display()));
        }
        // What comes close and is fine must be fine in all else: behind another error nobody would know.
        let ended = shown.lines().filter(|line| line.starts_with("exit: "));
        if case.is_quiet() && ended.clone().any(|exit| exit != "exit: 0") {
            wrong.push(format!("{} is not quiet:\n{shown}", case.path.display()));
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(case.path.parent().unwrap());
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(case.name(), shown));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first case of each rule, in the format of code scanning.
#[test]
fn every_finding_can_be_said_in_sarif() {
    let Some(sarif) = judges::sarif() else { return };
    let judges = Judges { json: judges::json(), sarif: Some(sarif) };
    for mut case in cases().into_iter().filter(|case| !case.name().contains('.')) {
        if case.commands[0] == "platc validate" {
            case.commands = vec!["platc validate --format sarif".to_owned()];
            let (shown, rule) = (case.run(&judges), case.rule());
            assert!(shown.contains(&format!("\"ruleId\": \"{rule}\"")), "{rule}: {shown}");
        }
    }
}

#[test]
fn the_base_project_is_fine() {
    let case = Case { path: "base/project.case".into(), commands: Vec::new(), files: Vec::new() };
    let ran = case.project().run(&["validate"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran}");
}

/// Budgets as small as the files: the real ones would need a tree of 64 MiB.
#[test]
fn trees_that_are_too_large() {
    let sources = Sources::default();
    let file = sources.add("templates/x.j2", "text\n");
    let artifact = |path: &str, size: usize| File {
        path: path.into(),
        template: "templates/x.j2".into(),
        place: Span::file_start(file),
        bytes: vec![b'x'; size].into(),
    };
    let limits = Limits { artifact_bytes: 100, tree_bytes: 250, ..Limits::default() };
    let files = [artifact("a.txt", 100), artifact("b.txt", 101), artifact("c.txt", 100)];
    let found = tree::check_files(&files, &limits).sorted(&sources);
    let look = Look { colour: false, width: 100, acknowledges: false };
    let shown: String = found.iter().map(|finding| text::draw(finding, &sources, look)).collect();
    assert!(shown.contains("[output/artifact-too-large]") && shown.contains("[output/tree-too-large]"), "{shown}");
    insta::assert_snapshot!(shown);
}

/// Cases that break it and cases that do not, and the finding both as text and as JSON.
#[test]
fn every_rule_has_a_case() {
    let rules: BTreeSet<String> = platc::rules::rules().map(|rule| rule.id.to_owned()).collect();
    let [mut firing, mut quiet, mut json] = [ELSEWHERE, QUIET_ELSEWHERE, ELSEWHERE].map(elsewhere);
    for case in cases() {
        if case.is_quiet() {
            quiet.insert(case.rule());
        } else {
            let shown = fs::read_to_string(case.path.with_extension("snap")).unwrap_or_default();
            // Trees that differ are findings in formats that know nothing else.
            if ["rule", "ruleId"].iter().any(|key| shown.contains(&format!("\"{key}\": \"{}\"", case.rule()))) {
                json.insert(case.rule());
            }
            firing.insert(case.rule());
        }
    }
    for (has, what) in [(&firing, "a case"), (&quiet, "a quiet case"), (&json, "a snapshot in JSON")] {
        let missing: Vec<_> = rules.difference(has).collect();
        let unknown: Vec<_> = has.difference(&rules).collect();
        assert!(missing.is_empty(), "rules without {what}: {missing:?}");
        assert!(unknown.is_empty(), "{what} for rules that do not exist: {unknown:?}");
    }
}

/// The rules that another test holds, which must say so.
fn elsewhere(list: &[(&str, &str, &str)]) -> BTreeSet<String> {
    let mut rules = BTreeSet::new();
    for (rule, test, words) in list {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(test)).unwrap_or_default();
        assert!(text.contains(words), "{test} does not hold {rule}: it has no `{words}`");
        rules.insert((*rule).to_owned());
    }
    rules
}
