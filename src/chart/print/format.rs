//! Flags, width and precision of a verb, and what they do with a single value.

use crate::chart::marks::Marks;
use crate::chart::text::{Text, TextBuilder};

use super::float::float;
use super::quoted::{is_printable, quoted, quoted_ascii, quoted_char};

/// How a value is to be printed: what stands between `%` and its letter, and the letter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    pub verb: char,
    pub plus: bool,
    pub minus: bool,
    pub sharp: bool,
    pub space: bool,
    pub zero: bool,
    pub width: Option<usize>,
    pub precision: Option<usize>,
    /// `%+v`: structures with the names of their fields.
    pub with_names: bool,
    /// `%#v`: as Go's source has it.
    pub source: bool,
}

impl Format {
    pub(super) const PLAIN: Self = Self {
        verb: 'v',
        plus: false,
        minus: false,
        sharp: false,
        space: false,
        zero: false,
        width: None,
        precision: None,
        with_names: false,
        source: false,
    };

    fn is_bare(&self) -> bool {
        self.width.is_none() && self.precision.is_none()
    }

    /// Fills up to the width; `zeros` where they are allowed.
    fn pad(&self, out: &mut TextBuilder, text: &str, zeros: bool, marks: &Marks) {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        let filler = if zeros && self.zero && !self.minus { "0" } else { " " };
        let filler = filler.repeat(missing);
        if !self.minus {
            out.push_str(&filler);
        }
        out.push_bytes(text.as_bytes(), marks);
        if self.minus {
            out.push_str(&filler);
        }
    }

    pub(super) fn bool(&self, out: &mut TextBuilder, it: bool, marks: &Marks) -> bool {
        let sound = matches!(self.verb, 'v' | 't');
        if sound {
            self.pad(out, if it { "true" } else { "false" }, true, marks);
        }
        sound
    }

    pub(super) fn text(&self, out: &mut TextBuilder, text: &Text, marks: &Marks) -> bool {
        match self.verb {
            'v' if self.source => {
                let raw = self.sharp && can_be_raw(text);
                let shown = if raw { format!("`{}`", text.str()) } else { quoted(text.bytes()) };
                self.pad(out, &shown, true, &text.marks().and(marks));
            }
            'v' | 's' if self.is_bare() => out.push(text, marks),
            'v' | 's' => {
                let cut = self.cut(text);
                let missing = self.width.unwrap_or(0).saturating_sub(cut.str().chars().count());
                let filler = if self.zero && !self.minus { "0" } else { " " }.repeat(missing);
                if !self.minus {
                    out.push_str(&filler);
                }
                out.push(&cut, marks);
                if self.minus {
                    out.push_str(&filler);
                }
            }
            'q' => {
                let cut = self.cut(text);
                let raw = self.sharp && can_be_raw(&cut);
                let shown = match (raw, self.plus) {
                    (true, _) => format!("`{}`", cut.str()),
                    (_, true) => quoted_ascii(cut.bytes()),
                    _ => quoted(cut.bytes()),
                };
                self.pad(out, &shown, true, &text.marks().and(marks));
            }
            'x' | 'X' => self.hexadecimal(out, text.bytes(), &text.marks().and(marks)),
            _ => return false,
        }
        true
    }

    fn cut(&self, text: &Text) -> Text {
        let Some(letters) = self.precision else { return text.clone() };
        let end = text.str().char_indices().nth(letters).map_or(text.len(), |(at, _)| at);
        text.slice(0..end)
    }

    fn hexadecimal(&self, out: &mut TextBuilder, bytes: &[u8], marks: &Marks) {
        let bytes = &bytes[..self.precision.unwrap_or(bytes.len()).min(bytes.len())];
        let upper = self.verb == 'X';
        let prefix = match (self.sharp, upper) {
            (false, _) => "",
            (true, true) => "0X",
            (true, false) => "0x",
        };
        let mut shown = String::new();
        for (number, byte) in bytes.iter().enumerate() {
            if number > 0 && self.space {
                shown.push(' ');
            }
            if number == 0 || self.space {
                shown.push_str(prefix);
            }
            shown.push_str(&if upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
        }
        self.pad(out, &shown, true, marks);
    }

    /// An integer by its magnitude and sign.
    pub(super) fn int(&self, out: &mut TextBuilder, negative: bool, it: u64, unsigned: bool, marks: &Marks) -> bool {
        let verb = match self.verb {
            'v' if self.source && unsigned => 'x',
            'v' => 'd',
            verb => verb,
        };
        let digits = match verb {
            'd' => it.to_string(),
            'b' => format!("{it:b}"),
            'o' | 'O' => format!("{it:o}"),
            'x' => format!("{it:x}"),
            'X' => format!("{it:X}"),
            'c' => {
                self.pad(out, &letter(negative, it).to_string(), true, marks);
                return true;
            }
            'q' => {
                self.pad(out, &quoted_char(letter(negative, it), self.plus), true, marks);
                return true;
            }
            'U' => {
                let code = if negative { it.wrapping_neg() } else { it };
                let mut shown = format!("U+{code:0width$X}", width = self.precision.unwrap_or(4).max(4));
                let it = letter(negative, code);
                if self.sharp && code <= 0x0010_ffff && is_printable(it) {
                    shown.push_str(&format!(" '{it}'"));
                }
                self.pad(out, &shown, false, marks);
                return true;
            }
            _ => return false,
        };
        if self.precision == Some(0) && it == 0 {
            self.pad(out, "", false, marks);
            return true;
        }
        let has_sign = negative || self.plus || self.space;
        let least = match self.precision {
            Some(digits) => digits,
            None if self.zero && !self.minus => self.width.unwrap_or(0).saturating_sub(usize::from(has_sign)),
            None => 0,
        };
        let mut shown = format!("{}{digits}", "0".repeat(least.saturating_sub(digits.len())));
        let source = self.source && unsigned && self.verb == 'v';
        if self.sharp || source {
            match verb {
                'b' => shown.insert_str(0, "0b"),
                'o' if !shown.starts_with('0') => shown.insert(0, '0'),
                'x' => shown.insert_str(0, "0x"),
                'X' => shown.insert_str(0, "0X"),
                _ => {}
            }
        }
        if verb == 'O' {
            shown.insert_str(0, "0o");
        }
        if has_sign {
            shown.insert(
                0,
                if negative {
                    '-'
                } else if self.plus {
                    '+'
                } else {
                    ' '
                },
            );
        }
        self.pad(out, &shown, false, marks);
        true
    }

    pub(super) fn float(&self, out: &mut TextBuilder, it: f64, marks: &Marks) -> bool {
        let (verb, default) = match self.verb {
            'v' => ('g', None),
            'g' | 'G' => (self.verb, None),
            'e' | 'E' | 'f' => (self.verb, Some(6)),
            'F' => ('f', Some(6)),
            _ => return false,
        };
        let precision = self.precision.or(default);
        let shown = float(it, verb, precision);
        let (sign, mut digits) = match shown.strip_prefix(['-', '+']) {
            Some(digits) => (if shown.starts_with('-') { "-" } else { "+" }, digits.to_owned()),
            None => ("+", shown),
        };
        let sign = if sign == "+" && self.space && !self.plus { " " } else { sign };
        if !it.is_finite() {
            let bare = it.is_nan() && !self.space && !self.plus;
            let shown = if bare { digits } else { format!("{sign}{digits}") };
            self.pad(out, &shown, false, marks);
            return true;
        }
        if self.sharp {
            digits = with_point(&digits, if "gG".contains(verb) { Some(precision.unwrap_or(6)) } else { None });
        }
        if !self.plus && sign == "+" {
            self.pad(out, &digits, true, marks);
        } else if self.zero && !self.minus && self.width.is_some_and(|width| width > digits.len() + 1) {
            let missing = self.width.unwrap_or(0) - digits.len() - 1;
            out.push_bytes(format!("{sign}{}{digits}", "0".repeat(missing)).as_bytes(), marks);
        } else {
            self.pad(out, &format!("{sign}{digits}"), true, marks);
        }
        true
    }

    /// `<nil>` with the width.
    pub(super) fn nil(&self, out: &mut TextBuilder, marks: &Marks) {
        self.pad(out, "<nil>", true, marks);
    }
}

fn can_be_raw(text: &Text) -> bool {
    let bad = |letter: char| (letter < ' ' && letter != '\t') || "`\u{7f}\u{feff}\u{fffd}".contains(letter);
    text.is_utf8() && !text.str().contains(bad)
}

fn letter(negative: bool, code: u64) -> char {
    let code = if negative { None } else { u32::try_from(code).ok() };
    code.and_then(char::from_u32).unwrap_or('\u{fffd}')
}

/// `%#g` and its like: always with a point, and with as many digits as the precision says.
fn with_point(digits: &str, significant: Option<usize>) -> String {
    let (mantissa, exponent) = match digits.find('e').or_else(|| digits.find('E')) {
        Some(at) => digits.split_at(at),
        None => (digits, ""),
    };
    let mut shown = mantissa.to_owned();
    let counted = mantissa.replace('.', "");
    let mut counted = counted.trim_start_matches('0').len();
    if !mantissa.contains('.') {
        counted += usize::from(mantissa == "0");
        shown.push('.');
    }
    shown.push_str(&"0".repeat(significant.unwrap_or(0).saturating_sub(counted)));
    shown + exponent
}
