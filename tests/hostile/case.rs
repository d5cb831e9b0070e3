//! One hostile project: its files, what is run on it and how that may end.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

pub const ENVIRONMENT: &str = "name: prod\nlist: [a, b, c]\nmap: {a: 1, b: {c: 2}}\ntext: some text\n";

/// How a run may end. Whatever it is, it ends soon, with a place in each finding and nothing changed elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Fine,
    /// Findings.
    Refused,
    /// Odd, and perhaps fine.
    FineOrRefused,
    /// Or wrong arguments, or what could not be read or written.
    Any,
}

impl End {
    pub fn allows(self, code: Option<i32>) -> bool {
        let allowed: &[i32] = match self {
            Self::Fine => &[0],
            Self::Refused => &[1],
            Self::FineOrRefused => &[0, 1],
            Self::Any => &[0, 1, 2],
        };
        code.is_some_and(|code| allowed.contains(&code))
    }
}

enum Content {
    Bytes(Vec<u8>),
    Link(String),
    Pipe,
    Socket,
    Folder,
}

pub struct Case {
    pub name: String,
    /// Later ones replace earlier ones.
    files: Vec<(Vec<u8>, Content)>,
    pub arguments: Vec<String>,
    pub end: End,
    /// A rule that must be named; then the case runs in each sample.
    pub rule: &'static str,
}

impl Case {
    /// A project in which all is well, to be spoilt.
    pub fn new(name: impl Into<String>) -> Self {
        let case = Self {
            name: name.into(),
            files: Vec::new(),
            arguments: ["validate", "--all"].map(str::to_owned).to_vec(),
            end: End::FineOrRefused,
            rule: "",
        };
        case.file("platc.yaml", "")
            .file("schemas/environment.schema.yaml", "type: object\n")
            .file("environments/test/environment.yaml", ENVIRONMENT)
            .file("templates/a.yaml.j2", "a: 1\n")
    }

    pub fn file(self, path: impl AsRef<[u8]>, text: impl AsRef<[u8]>) -> Self {
        self.with(path, Content::Bytes(text.as_ref().to_vec()))
    }

    pub fn template(self, text: impl AsRef<[u8]>) -> Self {
        self.file("templates/a.yaml.j2", text)
    }

    pub fn environment(self, text: impl AsRef<[u8]>) -> Self {
        self.file("environments/test/environment.yaml", text)
    }

    pub fn schema(self, text: impl AsRef<[u8]>) -> Self {
        self.file("schemas/environment.schema.yaml", text)
    }

    pub fn link(self, path: impl AsRef<[u8]>, target: impl Into<String>) -> Self {
        self.with(path, Content::Link(target.into()))
    }

    pub fn pipe(self, path: impl AsRef<[u8]>) -> Self {
        self.with(path, Content::Pipe)
    }

    pub fn socket(self, path: impl AsRef<[u8]>) -> Self {
        self.with(path, Content::Socket)
    }

    pub fn folder(self, path: impl AsRef<[u8]>) -> Self {
        self.with(path, Content::Folder)
    }

    fn with(mut self, path: impl AsRef<[u8]>, content: Content) -> Self {
        // What takes the place of a folder takes that of all in it.
        let path = path.as_ref().to_vec();
        let below = [&path[..], b"/"].concat();
        self.files.retain(|(other, _)| *other != path && !other.starts_with(&below));
        self.files.push((path, content));
        self
    }

    pub fn runs(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        self
    }

    pub fn ends(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    pub fn refused(self) -> Self {
        self.ends(End::Refused)
    }

    pub fn says(mut self, rule: &'static str) -> Self {
        self.rule = rule;
        self.ends(if rule.is_empty() { End::Fine } else { End::Refused })
    }

    /// Where the command writes, seen from the folder that holds the project.
    pub fn writes(&self) -> &'static str {
        match (&*self.arguments[0], self.arguments.get(1).map_or("", String::as_str)) {
            ("render", _) => "project/rendered",
            ("golden", _) => "project/golden",
            ("schema", "import") => "project/schemas",
            _ => "nothing",
        }
    }

    /// Whether the settings name another folder for the tree: then it may be made, but not among what is read.
    pub fn adds_anywhere(&self, path: &Path) -> bool {
        let read = ["environments", "templates", "schemas", ".git"];
        self.name.starts_with("settings: `output`")
            && path.strip_prefix("project").is_ok_and(|inner| !read.iter().any(|folder| inner.starts_with(folder)))
    }

    /// Writes the project; what the file system does not take is left out.
    pub fn write(&self, root: &Path) {
        for (path, content) in &self.files {
            let path = root.join(std::ffi::OsStr::from_bytes(path));
            let _ = path.parent().map(fs::create_dir_all);
            let _ = match content {
                Content::Bytes(bytes) => fs::write(path, bytes),
                Content::Link(target) => symlink(target, path),
                Content::Pipe => Command::new("mkfifo").arg(path).status().map(|_| ()),
                Content::Socket => std::os::unix::net::UnixListener::bind(path).map(|_| ()),
                Content::Folder => fs::create_dir_all(path),
            };
        }
    }
}

/// `open` so many times, `inner`, and `close` as often.
pub fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

/// One line for each number.
pub fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|at| line(at) + "\n").collect()
}

/// Texts that are harmless in few places: in names, in paths, on a terminal, in other formats.
pub const TEXTS: [(&str, &str); 24] = [
    ("nothing", ""),
    ("a point", "."),
    ("two points", ".."),
    ("a way up", "../../outside/marker"),
    ("an absolute path", "/etc/passwd"),
    ("a way through", "a/../../b"),
    ("a double slash", "a//b"),
    ("a backslash", "a\\..\\b"),
    ("git's folder", ".git/hooks/pre-commit"),
    ("git's folder in capitals", ".GIT/config"),
    ("git's short name", "git~1/config"),
    ("a device of Windows", "con"),
    ("a drive", "C:\\windows"),
    ("a stream", "a::$DATA"),
    ("an escape", "a\u{1b}[31mb\u{1b}]0;x\u{7}"),
    ("a bell and a return", "a\u{7}\rb"),
    ("a line break", "a\n::error::b"),
    ("a nul", "a\0b"),
    ("a turned text", "a\u{202e}b\u{2066}c"),
    ("an invisible mark", "\u{feff}a\u{200b}b"),
    ("a slot", "\u{e000}0\u{e001}"),
    ("a tag of XML", "]]></x><!--&x;"),
    ("an option", "--output=x"),
    ("a template", "{{ 7 * 7 }}{% raw %}"),
];

/// A text as YAML and JSON write it in double quotes.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The same with a length for a path and for a name, which are texts of their own.
pub fn texts() -> Vec<(&'static str, String)> {
    let long =
        [("300 letters", "n".repeat(300)), ("100,000 letters", "n".repeat(100_000)), ("deep", "n/".repeat(5_000))];
    TEXTS.iter().map(|&(name, text)| (name, text.to_owned())).chain(long).collect()
}
