//! Committed trees that no run of platc made: manifests, files, links and what an interrupted run leaves behind.

use crate::case::{Case, End, lines, nested};

const COMMANDS: [&[&str]; 4] =
    [&["diff", "test"], &["golden", "--check"], &["golden", "--accept"], &["validate", "test", "--against", "golden"]];

pub fn cases() -> Vec<Case> {
    let digest = "0".repeat(64);
    let manifests = [
        ("nothing", String::new()),
        ("another version", "platc tree 999999999999999999999\n".to_owned()),
        ("no head", "a.yaml\n".to_owned()),
        ("a path up", format!("platc tree 1\n../../outside/marker\t{digest}\t9\ttemplates/a.yaml.j2\n")),
        ("an absolute path", format!("platc tree 1\n/etc/passwd\t{digest}\t9\ttemplates/a.yaml.j2\n")),
        ("git's folder", format!("platc tree 1\n.git/hooks/pre-commit\t{digest}\t9\ttemplates/a.yaml.j2\n")),
        ("itself", format!("platc tree 1\n.platc/manifest\t{digest}\t9\ttemplates/a.yaml.j2\n")),
        ("an empty path", format!("platc tree 1\n\t{digest}\t9\t\n")),
        ("one path 10,000 times", format!("platc tree 1\n{}", lines(10_000, |_| format!("b.yaml\t{digest}\t9\tt")))),
        ("100,000 paths", format!("platc tree 1\n{}", lines(100_000, |at| format!("b{at}.yaml\tx\t9\tt")))),
        ("a size without end", format!("platc tree 1\nb.yaml\t{digest}\t99999999999999999999999\tt\n")),
        ("no digest", "platc tree 1\nb.yaml\tnothing\t9\tt\n".to_owned()),
        ("many columns", format!("platc tree 1\nb.yaml{}\n", "\tx".repeat(10_000))),
        ("an escape", format!("platc tree 1\nb\u{1b}[31m\u{202e}.yaml\t{digest}\t9\tt\n")),
        ("a nul", format!("platc tree 1\nb\0.yaml\t{digest}\t9\tt\n")),
        (
            "a conflict",
            format!("<<<<<<< ours\nplatc tree 1\n=======\nplatc tree 1\nb.yaml\t{digest}\t9\tt\n>>>>>>> theirs\n"),
        ),
    ];
    let contents = [
        (
            "aliases",
            "a: &a [x, x]\n".to_owned()
                + &lines(40, |at| {
                    format!("a{at}: &b{at} [*{0}, *{0}]", if at == 0 { "a".to_owned() } else { format!("b{}", at - 1) })
                }),
        ),
        ("depth", format!("a: {}\n", nested("[", "", "]", 50_000))),
        ("no YAML", "a: [\n".to_owned()),
        ("controls", "a: \"b\u{1b}[31m\u{202e}\"\n# \u{7}\n".to_owned()),
        ("one long line", format!("a: {}\n", "x".repeat(2_000_000))),
        ("200,000 lines", "- a\n".repeat(200_000)),
        ("100,000 other lines", lines(100_000, |at| format!("k{at}: {at}"))),
        (
            "a template of CloudFormation in a circle",
            "Resources: {A: {Type: AWS::S3::Bucket, DependsOn: A, Properties: {BucketName: !Ref A}}}\n".to_owned(),
        ),
        ("an object without a name", "apiVersion: v1\nkind: Secret\nmetadata: []\n".to_owned()),
    ];
    let mut cases = Vec::new();
    for command in COMMANDS {
        let called = command.join(" ");
        for (what, manifest) in &manifests {
            let case = Case::new(format!("tree: a manifest with {what}, `{called}`")).runs(command).ends(End::Any);
            cases.push(case.file("golden/test/.platc/manifest", manifest).file("golden/test/a.yaml", "a: 2\n"));
        }
        for (what, content) in &contents {
            let case = Case::new(format!("tree: a file with {what}, `{called}`")).runs(command).ends(End::Any);
            cases.push(case.file("golden/test/.platc/manifest", "platc tree 1\n").file("golden/test/a.yaml", content));
        }
        for path in [
            "golden",
            "golden/test",
            "golden/test/.platc",
            "golden/test/.platc/manifest",
            "golden/test/a.yaml",
            "golden/test/x",
        ] {
            let new =
                |what: &str| Case::new(format!("tree: {path} is {what}, `{called}`")).runs(command).ends(End::Any);
            cases.push(new("a pipe").pipe(path));
            let up = "../".repeat(path.matches('/').count() + 1);
            cases.push(new("a link to a folder outside").link(path, format!("{up}outside/hooks")));
            cases.push(new("a link to a file outside").link(path, format!("{up}outside/marker")));
            cases.push(new("a link to nothing").link(path, "nowhere"));
        }
    }
    for (what, path) in [
        ("a journal", "rendered/.test.platc-journal"),
        ("a stage", "rendered/.test.platc-stage/x"),
        ("a lock", "rendered/.test.platc-lock"),
    ] {
        for (content, text) in [
            ("nothing", String::new()),
            ("paths", "../../outside/hooks/pre-commit\nx/y\n".to_owned()),
            ("nuls", "\0".repeat(10_000)),
        ] {
            let case = Case::new(format!("tree: {what} of {content} that came with the project")).file(path, text);
            cases.push(case.link("rendered/test/x", "../../../outside/hooks").runs(&["render", "test"]).ends(End::Any));
        }
        let case = Case::new(format!("tree: {what} that is a link")).link(path, "../../outside/marker");
        cases.push(case.runs(&["render", "test"]).ends(End::Any));
    }
    cases
}
