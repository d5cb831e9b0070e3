//! A file that is copied is what its name says.

use crate::template::testing::render_all;

#[test]
fn a_file_of_json_is_json() {
    for (text, place) in [
        ("a: 1\n", ":1:1"),
        ("{\"a\": [1, 2,], \"b\": 2}\n", ":1:13"),
        ("{'a': 1}\n", ":1:2"),
        ("{\"a\": NaN}\n", ":1:7"),
        ("{\"a\": 012}\n", ""),
        ("{\"a\": 1}\n{\"a\": }\n", ""),
        ("{\"a\": \"https://example.com\",}\n", ":1:29"),
        ("", ""),
    ] {
        let told = render_all(&[("c.json", text)], "x: 1\n").text();
        assert!(told.contains("error[") && told.contains(&format!("c.json{place}")), "{text}: {told}");
        assert_eq!(told.matches("error[").count(), 1, "{text}: {told}");
    }
    let told = render_all(&[("c.json", "{\"a\": 1, \"a\": 2}\n")], "x: 1\n").text();
    assert!(told.contains("hygiene/unjudged-file") && told.contains("stands twice"), "{told}");
    for text in ["{\"a\": [1, null, \"{{x}}\"]}\n", "3", "// why\n{\"a\": 1,}\n", "{\"a\": 1, /* \"b */ }\n"] {
        let outcome = render_all(&[("c.json", text)], "x: 1\n");
        assert!(!outcome.text().contains("error["), "{text}: {}", outcome.text());
    }
}

#[test]
fn a_pointer_of_git_lfs_is_not_the_file() {
    for name in ["c.json", "c.yaml", "c.bin"] {
        let text = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n";
        let told = render_all(&[(name, text)], "x: 1\n").text();
        assert!(told.contains("project/unreadable") && told.contains("git lfs pull"), "{told}");
        assert_eq!(told.matches("error[").count(), 1, "{told}");
    }
}

#[test]
fn a_copied_file_of_yaml_is_utf_8() {
    let told = render_all(&[("c.yaml", "a\0:\0")], "x: 1\n").text();
    assert!(told.contains("project/not-text"), "{told}");
    let outcome = render_all(&[("c.png", "a\0:\0")], "x: 1\n");
    assert!(outcome.findings.is_empty(), "{}", outcome.text());
}
