//! Values to write and read back: the notorious ones by name, and any number of generated ones.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "the numbers are written here")]

use std::sync::Arc;

use platc::value::{Number, Value};

/// Strings that some reader takes for something else, or cannot read, unless they are written with care.
#[rustfmt::skip]
pub const NOTORIOUS: &[&str] = &[
    // Words
    "", "~", "null", "Null", "NULL", "nULL", "nil", "none", "None", "true", "True", "TRUE", "tRue", "false", "y", "Y",
    "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "oN", "off", "Off", "OFF", "t", "f",
    "undefined", "=", "<<", "nan", "NaN", "inf", ".inf", ".Inf", "-.inf", "+.INF", ".nan", ".NaN", "Infinity",
    // Numbers
    "0", "-0", "+0", "00", "1", "+1", "-1", "0755", "0899", "012345678901", "0o14", "0O14", "0x1F", "0X1f", "0b101",
    "-0x1F", "1_000", "1__0", "_1", "1_", "+_1", "0_x1", "1.", ".5", "-.5", "+.5", "1.0", "1.10", "1.30", "00.5",
    "1e3", "1E5", "1e+3", "1.0e3", "1.0e+21", "123e4567", "12e03", "e5", "E5", "e", "e-5", ".e5", ".", "..", "-.",
    "+.", "9007199254740993", "18446744073709551616", "123456789012345678901234567890", "1,000", "1%", "0.1.2", "1/2",
    "10Gi", "100m",
    // Times, addresses
    "12:30:45", "1:30", "22:22", "190:20:30.15", "2024-01-01", "2024-1-1", "2024-01-01T00:00:00Z",
    "2001-12-14 21:59:43", "::1", "10.0.0.0/16", "fe80::", "00:1a:2b:3c:4d:5e", "08:00",
    // YAML's own signs
    "-", "- a", "-a", "--", "---", "--- a", "...", "?", "? a", ":", ": a", "a: b", "a:", "a :b", ":a", "#", "# a",
    "a # b", "a#b", "&a", "*a", "!a", "!!str a", "|", "|-", ">", ">-", "%YAML 1.2", "@a", "`a`", "\"", "\"a\"", "'",
    "'a'", "it's", "{", "}", "{a: b}", "[", "]", "[a, b]", ",", "a, b", "{{ a }}", "${a}", "\\", "\\n", "a\\", "$",
    "/", "//", "\u{e000}1\u{e001}",
    // Blanks and line ends
    " ", "  ", " a", "a ", "\t", "\ta", "a\t", "a\tb", "\n", "\n\n", "\na", "a\n", "a\n\n", "a\n\n\n", "a\nb",
    "a\nb\n", "a\n\nb\n", "a\n b\n", " a\nb\n", "\ta\nb", "a\n\tb\n", "a \nb", "a\n \nb\n", "a\n  \n", "a\nb\t\n",
    "\n\na\n", "a\r", "a\r\nb\r\n", "\r", "a\rb", "# a\n# b\n", "- a\n- b\n", "a: b\nc: d\n", "---\na\n",
    "a\n---\nb\n", "a\n...\n", "%a\nb\n", "#!/bin/sh\nset -e\n", "a\n\n\n  b\n\n\nc\n", "{\n  \"a\": 1\n}\n", "|\n",
    "\"\n\"\n", "a\n#b\n", "a:\n", ":\n:\n",
    // Characters that are not what they seem
    "\0", "\u{1}", "\u{7}", "\u{8}", "\u{b}", "\u{c}", "\u{1b}[0m", "\u{7f}", "\u{80}", "\u{85}", "a\u{85}b",
    "a\n\u{85}b\n", "\u{9f}", "\u{a0}", "a\u{a0}b", "a\u{a0}\nb\n", "\u{ad}", "\u{2003}a", "\u{200b}", "\u{200e}",
    "\u{2028}", "a\u{2028}b", "\u{2029}", "a\n\u{2029}b\n", "\u{202e}", "\u{feff}", "\u{feff}a", "a\u{feff}",
    "\u{e000}", "\u{f8ff}", "\u{fffd}", "\u{fffe}", "\u{ffff}", "é", "ä\nö\n", "日本語", "\u{1f600}",
    "\u{1f600}\n\u{1f600}\n", "\u{10ffff}", "\u{1fffe}", "e\u{301}", "\u{131}", "ſ", "Ⅸ", "１２", "٣", "\u{3000}a",
];

/// A number from the digits that an author could have written.
pub fn float(digits: &str) -> Value {
    Value::Number(Number::Float(digits.parse().unwrap(), digits.into()))
}

pub fn int(value: i64) -> Value {
    Value::Number(Number::Int(value))
}

pub fn string(text: &str) -> Value {
    Value::String(text.into())
}

/// A stream of values from a seed: the same seed gives the same values.
pub struct Generator(u64);

impl Generator {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % end
    }

    fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A map or a list of a few levels.
    pub fn document(&mut self) -> Value {
        let length = 1 + self.below(4);
        self.collection(length, 2)
    }

    fn collection(&mut self, length: usize, levels: usize) -> Value {
        if self.below(3) == 0 {
            return Value::List((0..length).map(|_| self.value(levels)).collect());
        }
        let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
        for _ in 0..length {
            let key: Arc<str> = self.text().into();
            if entries.iter().all(|(known, _)| *known != key) {
                entries.push((key, self.value(levels)));
            }
        }
        Value::Map(entries)
    }

    fn value(&mut self, levels: usize) -> Value {
        match self.below(16) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => int(self.integer()),
            3 => self.float(),
            4..=8 if levels > 0 => {
                let length = self.below(4);
                self.collection(length, levels - 1)
            }
            _ => Value::String(self.text().into()),
        }
    }

    fn integer(&mut self) -> i64 {
        // Beyond 2^53 JavaScript and the API server change the last digits: the reader refuses such integers.
        let value = i64::try_from(self.below(1 << 53) >> self.below(53)).unwrap_or_default();
        if self.below(3) == 0 { -value } else { value }
    }

    fn float(&mut self) -> Value {
        let fraction = self.one_of(&["0", "5", "50", "125", "1000", "333333333333333314829616256247"]);
        let exponent = self.one_of(&["", "", "", "e+21", "e-7", "e+200", "e-320"]);
        let whole = self.integer() >> 20;
        float(&format!("{whole}.{fraction}{exponent}"))
    }

    /// Something notorious, something usual, or pieces of both.
    pub fn text(&mut self) -> String {
        const USUAL: &[&str] = &[
            "name",
            "app.kubernetes.io/name",
            "karpenter",
            "us-east-1",
            "1.30",
            "10.0.0.0/16",
            "arn:aws:iam::012345678901:role/a b",
            "Allow",
            "t3.large",
            "*.example.com",
            "node-role.kubernetes.io/control-plane",
            "a sentence, with signs: and more",
            "set -e\necho \"$1\"\n",
            "SELECT *\nFROM t\nWHERE a = 'b'",
            "gp3",
            "cpu",
            "{{ .Release.Name }}",
            "!Ref",
            "100m",
            "8Gi",
        ];
        const PIECES: &[&str] = &[
            "a",
            "b",
            "Z",
            "0",
            "1",
            "9",
            " ",
            " ",
            "\n",
            "\n",
            "\t",
            ":",
            "-",
            "#",
            ".",
            "_",
            "/",
            "'",
            "\"",
            "\\",
            "{",
            "}",
            "[",
            "]",
            ",",
            "&",
            "*",
            "!",
            "|",
            ">",
            "%",
            "@",
            "`",
            "?",
            "=",
            "~",
            "\r",
            "\u{85}",
            "\u{a0}",
            "\u{2028}",
            "\u{feff}",
            "é",
            "日",
            "\u{1f600}",
            "\0",
            "\u{7f}",
            "\u{e000}",
            "e",
            "E",
            "x",
            "on",
            "no",
            "null",
            "<<",
            "---",
            "...",
        ];
        match self.below(4) {
            0 => self.one_of(NOTORIOUS).to_owned(),
            1 => self.one_of(USUAL).to_owned(),
            2 => format!("{}{}", self.one_of(NOTORIOUS), self.one_of(PIECES)),
            _ => (0..self.below(8)).map(|_| self.one_of(PIECES)).collect(),
        }
    }
}
