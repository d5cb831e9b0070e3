//! [`quick`] against the parser, on the repository's files and on random texts: what it reads, it reads as the parser
//! does, every place included, and where the parser has something to say it reads nothing.

use camino::{Utf8Path, Utf8PathBuf};

use super::{quick, read};
use crate::disk::{Disk, EntryKind, Real};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::{FileId, Sources};

/// Whether a text is read quickly; if it is, the parser must agree.
fn is_quick(text: &str, file: FileId) -> bool {
    let limits = Limits::default();
    let Some(node) = quick::read(text, file, &limits) else { return false };
    let mut findings = Findings::default();
    let parsed = read::parse(text, file, &limits, &mut findings);
    assert!(findings.is_empty(), "the parser has something to say about {text:?}: {:?}", findings.iter().next());
    assert_eq!(format!("{:?}", Some(node)), format!("{parsed:?}"), "{text}");
    true
}

fn file() -> FileId {
    Sources::default().add("a.yaml", "")
}

#[test]
fn common_forms_are_read_quickly() {
    let texts = [
        "a: 1\nb: two words\n\n# why\nc:   x # not\nd:\n",
        "a:\n  b:\n    c: -1\n  d: a:b#c\ne: ~\n",
        "- a\n- b: 1\n  c: 2\n-\n  d: 3\n- - x\n  - y\n",
        "a:\n- 1\n- b: 2\n  c:\n  - 3\nd: x\n",
        "\"a b\": 'c: d # e'\n'f': \"g\"   # h\n",
        "a: >-\n  one\n  two\n\n\n  three\nb: >\n  four\n",
        "a: {b: c, d: [e, {f: \"g\"}], 'h': {}}\ni: [{ }, [ ], [j, [k]]]\nl:\n- {m: n}\n",
        "a: []\nb: {}\nc: [x, 1.5, \"y, z\"]\nd: [ a , b ]\n",
        "a: !Ref b\nc: !Sub \"d\"\ne: !Join\n  - x\n  - [a, b]\nf: !If [a]\n",
        "a: |\n  one\n    two\n\n  three  \n\n\nb: |-\n  four\n\nc: 5\n",
        "- |\n  a\n- b: |\n    c\n",
        "a:\n  b: |\n    c\n  # why\n\n  d: >-\n    e\n# and\n  # more\nf: |\n  g\n# end\n",
        "a: [0 1 * * *, b c ,d]\ne: {f g: h - i }\n",
        "a: [\",\", !Ref b, !If [c, !Sub \"d\"], {e: !GetAtt f.g}]\n",
        "# secrets/…, “as is” — or not\na: … # …\nb: |\n  …\n",
        "\u{e000}0001\u{e001}: \u{e000}0002\u{e001}\nb: x-\u{e000}0003\u{e001}-y\nc: [\u{e000}0004\u{e001}]\n",
        "plain",
        "'quoted' # why\n",
        "  a: 1\n  b: 2\n",
        "a:\n    b\nc:\n  'd'\n",
    ];
    let slow: Vec<_> = texts.into_iter().filter(|text| !is_quick(text, file())).collect();
    assert!(slow.is_empty(), "{slow:#?}");
}

#[test]
fn most_files_of_this_repository_are_read_quickly() {
    let disk = Real::open(Utf8Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the repository can be read");
    let mut folders = ["environments", "golden", "schemas", "tests", "examples"].map(Utf8PathBuf::from).to_vec();
    let (mut read, mut quick) = (0, 0);
    while let Some(folder) = folders.pop() {
        for entry in disk.list(&folder).expect("a folder") {
            let path = folder.join(&entry.name);
            match entry.kind {
                EntryKind::Folder => folders.push(path),
                EntryKind::File if path.extension() == Some("yaml") => {
                    let bytes = disk.read(&path, 1 << 20).expect("a file");
                    let Ok(text) = String::from_utf8(bytes) else { continue };
                    read += 1;
                    quick += usize::from(is_quick(&text, file()));
                }
                _ => {}
            }
        }
    }
    assert!(quick * 4 > read * 3, "{quick} of {read}");
}

/// Marsaglia's xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick(&mut self, options: &[&'static str]) -> &'static str {
        options[self.below(options.len())]
    }

    fn line(&mut self) -> String {
        let indent = self.pick(&["", "", "", "  ", "  ", "  ", "    ", "    ", " ", "   ", "      "]);
        let dash = self.pick(&["", "", "", "", "- ", "- ", "-  ", "- - ", "-", "? "]);
        let key = self.pick(&[
            "",
            "",
            "a: ",
            "b: ",
            "c:   ",
            "d:",
            "e: ",
            "f: ",
            "\"g h\": ",
            "'i': ",
            "j k: ",
            "l : ",
            "m:n: ",
            "<<: ",
            "\u{e000}0001\u{e001}: ",
            "-o: ",
            "!T p: ",
            "&q r: ",
            "{s}: ",
            ": ",
            "\"t\\n\": ",
            "u # v: ",
            "é: ",
        ]);
        let tag =
            self.pick(&["", "", "", "", "", "", "", "!Ref ", "!Sub  ", "!If", "!", "!!str ", "!a.b ", "& ", "&a "]);
        let value = self.pick(&[
            "",
            "",
            "",
            "1",
            "x",
            "two words",
            "a:b",
            "a: b",
            "a:",
            "a #b",
            "a # b",
            "#c",
            "# d",
            "-1",
            "- x",
            "-",
            "--",
            "~",
            "null",
            "\"q\"",
            "'q'",
            "'it''s'",
            "\"a\\tb\"",
            "\"open",
            "'open",
            "\"a\" b",
            "\"a\": b",
            "\"a\" # c",
            "\"a\"# c",
            "[]",
            "{}",
            "[a]",
            "[a, b]",
            "[ a, \"b\" ,'c']",
            "[a, ]",
            "[a b, c]",
            "[a",
            "[a] b",
            "[a]: b",
            "[[a]]",
            "{a: b, c: [d]}",
            "{a: {b: c}, \"d\": e}",
            "{a:b}",
            "{a: b: c}",
            "{a: }",
            "{a}",
            "{a, b: c}",
            "{\"a\":b}",
            "[{a: b}, [c, {}]]",
            "[a: b]",
            "{[a]: b}",
            ">\n    folded\n    more\n\n    end",
            ">-\n  folded\n   more\n  end",
            "|\n    x\n\n     y\n    z",
            "{a: b}",
            "[-a, -]",
            "[a-, -1]",
            "|",
            "|-",
            "|+",
            "|2",
            "| # c",
            ">",
            ">-",
            "| x",
            "*a",
            "%x",
            "@x",
            "`x",
            "? x",
            ",x",
            "]",
            "}",
            "\u{e000}0002\u{e001}",
            "x\u{e000}0003\u{e001}y",
            "é",
            "\u{a0}",
            "\u{2028}",
            "\tx",
            "---",
            "--- a",
            "...",
            "x  ",
            "x ",
            "\"\"",
            "''",
            "'a' ",
            "a\\b",
            "a'b",
            "a\"b",
            "a]b",
            "a{b",
            "a,b",
            "a|b",
            "a&b",
            "!x",
            "[\"a\":b]",
            "[a:b]",
            "[a#b]",
            "[é]",
            "['a''b']",
            "[\"a\\n\"]",
            "[.]",
            "[/]",
            "[_]",
            "[a/b.c]",
            "[---]",
            "[--]",
            "[1, 2] # c",
            "[1]# c",
            "[1 , 2]",
            "[,]",
            "[a,,b]",
            "[a,b]",
            "[\"a\",\"b\"]",
            "{ }",
            "{} # c",
            "{}#c",
            "{}: x",
            "[]: x",
            "[a - b, c * d ]",
            "[*a]",
            "[a *, b* c]",
            "[a -, b]",
            "[!T a, b]",
            "[!T [a], {b: !U \"c\"}]",
            "[!T]",
            "[!T, a]",
            "{!T a: b}",
            "{a b: c d}",
            "{a : b}",
            "[\"a\" b]",
            "[a \"b\"]",
            "a … b # …",
        ]);
        let behind = self.pick(&["", "", "", "", "", " ", " # c", "  #", "#"]);
        format!("{indent}{dash}{key}{tag}{value}{behind}\n")
    }
}

#[test]
fn random_lines_are_read_as_the_parser_does() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let rounds = if option_env!("PLATC_TEST_FULL").is_some() { 3_000_000 } else { 30_000 };
    let mut quick = 0;
    for round in 0..rounds {
        let mut text: String = (0..=random.below(1 + round % 7)).map(|_| random.line()).collect();
        if random.below(8) == 0 {
            text.pop();
        }
        quick += usize::from(is_quick(&text, file()));
    }
    assert!(quick * 20 > rounds, "{quick} of {rounds}");
}

#[test]
fn damaged_files_are_read_as_the_parser_does() {
    let sound = "# top\na: 1\nb:\n  - c: x # y\n    d:\n      e: \"f g\"\n  - !Ref h\nlit: |\n  one\n\n    two\nlist:\n- i\n- j: []\nk: |-\n  l\nm: [n, o]\n";
    let pieces = [
        "", "", " ", "  ", "\n", "\n\n", "- ", ": ", ":", "#", " # ", "\"", "'", "|", "[", "]", ",", "!T ", "\n  ", "é",
    ];
    let mut random = Random(42);
    let rounds = if option_env!("PLATC_TEST_FULL").is_some() { 2_000_000 } else { 20_000 };
    let mut quick = 0;
    for _ in 0..rounds {
        let mut text = sound.to_owned();
        for _ in 0..=random.below(3) {
            let boundary = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let from = boundary(random.below(text.len() + 1));
            let to = boundary((from + random.below(4)).min(text.len()));
            text.replace_range(from..to, random.pick(&pieces));
        }
        quick += usize::from(is_quick(&text, file()));
    }
    assert!(quick * 10 > rounds, "{quick} of {rounds}");
}
