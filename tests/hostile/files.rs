//! What lies in a project's folders and is no plain file, or has a name that is none.

use crate::case::Case;

const NAMES: [(&str, &[u8]); 20] = [
    ("a name of 255 bytes", &[b'n'; 250]),
    ("a line break", b"a\nb"),
    ("a return", b"a\rb"),
    ("an escape", b"a\x1b[31mb"),
    ("a bell", b"a\x07"),
    ("a control of eight bits", b"a\xc2\x9b31m"),
    ("a turned text", b"a\xe2\x80\xaeb"),
    ("no UTF-8", b"caf\xe9"),
    ("git's folder in capitals", b".GIT"),
    ("git's short name", b"git~1"),
    ("an ignored sign in git's name", b".g\xe2\x80\x8cit"),
    ("a device of Windows", b"con"),
    ("a point at the end", b"a."),
    ("a blank at the end", b"a "),
    ("only blanks", b"  "),
    ("a colon", b"a:b"),
    ("a backslash", b"a\\..\\b"),
    ("an option", b"--output=x"),
    ("a command of GitHub", b"::error file=x::y"),
    ("a template", b"{{ name }}"),
];

const FOLDERS: [(&str, &str, &str, &str); 5] = [
    ("environments", "environments/", "/environment.yaml", "name: yes\n"),
    ("layers", "environments/test/", ".yaml", "name: yes\n"),
    ("templates", "templates/", ".yaml.j2", "a: {{ nothing }}\n"),
    ("folders of templates", "templates/", "/a.yaml.j2", "a: {{ nothing }}\n"),
    ("rules", "schemas/rules/", ".yaml", "id: yes\n"),
];

const PATHS: [&str; 11] = [
    "platc.yaml",
    "schemas/environment.schema.yaml",
    "schemas/rules",
    "schemas/rules/a.yaml",
    "environments",
    "environments/test",
    "environments/test/environment.yaml",
    "environments/test/more.yaml",
    "templates",
    "templates/a.yaml.j2",
    "rendered",
];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (what, name) in NAMES {
        for (place, folder, ending, text) in FOLDERS {
            let path = [folder.as_bytes(), &name[..name.len().min(255 - ending.len())], ending.as_bytes()].concat();
            cases.push(Case::new(format!("file: {what} among {place}")).file(&path, text).runs(&["render", "--all"]));
            let twin = [
                folder.as_bytes(),
                &name[..name.len().min(250 - ending.len())].to_ascii_uppercase(),
                b"X",
                ending.as_bytes(),
            ]
            .concat();
            let lower = twin.to_ascii_lowercase();
            cases
                .push(Case::new(format!("file: {what} in two cases among {place}")).file(twin, text).file(lower, text));
        }
    }
    for path in PATHS {
        let new = |what: &str| {
            Case::new(format!("file: {path} is {what}")).runs(&["render", "--all"]).ends(crate::case::End::Any)
        };
        cases.push(new("a pipe").pipe(path));
        cases.push(new("a socket").socket(path));
        cases.push(new("an empty folder").folder(path));
        cases.push(new("an empty file").file(path, ""));
        for (what, target) in [
            ("nothing", "nowhere"),
            ("itself", path.rsplit('/').next().unwrap_or(path)),
            ("a folder above", "../.."),
            ("a file outside", "../../../outside/marker"),
            ("a folder outside", "../../outside"),
            ("a folder just outside", "../outside"),
            ("the root", "/"),
            ("zeros without end", "/dev/zero"),
            ("its own memory", "/proc/self/mem"),
            ("what is typed", "/dev/stdin"),
            ("the settings", "../platc.yaml"),
        ] {
            cases.push(new(&format!("a link to {what}")).link(path, target));
        }
    }
    cases
}
