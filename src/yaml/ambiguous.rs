//! Plain scalars on which readers disagree: what each takes them for, and how to write what is meant.

use super::emit;
use super::number::{self, Digits};
use super::types::Types;

/// Why a plain scalar has no one meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ambiguity {
    /// `yes`, `on`, `n` …: booleans in YAML 1.1, strings in 1.2; `tRue`: to some readers.
    Bool(bool),
    /// `nULL`.
    Null,
    /// `0755`: octal in YAML 1.1, decimal in 1.2; `0899`: a string in 1.1.
    LeadingZero,
    /// `0o14`, `0x1F`, `0b101`.
    Base,
    /// `1_000`.
    Underscore,
    /// `12:30:45` counts in sixties in YAML 1.1.
    Sexagesimal,
    /// `2024-01-01`.
    Date,
    /// `1e3`: a number only where a point or a sign may be missing.
    Exponent,
    /// `.inf`, `.nan`.
    NotFinite,
    /// Integers of more than 64 bits, and floats past the largest: no reader has them as they are written.
    Large,
    /// `-.5`
    SignedPoint,
    /// `=`
    Value,
    /// `<<`
    Merge,
    /// A tab, or a character that ends a line in YAML 1.1 but not in 1.2.
    Separator,
    /// `1.0` where an integer is wanted.
    FloatForInteger,
    /// `3 // three`: a comment to people who write JSON, and a text to YAML.
    Comment,
}

impl Ambiguity {
    /// The types it can be read as, besides a string.
    pub fn types(self) -> Types {
        match self {
            Self::Bool(_) => Types::BOOL,
            Self::Null => Types::NULL,
            Self::LeadingZero
            | Self::Base
            | Self::Underscore
            | Self::Sexagesimal
            | Self::Exponent
            | Self::NotFinite
            | Self::Large
            | Self::SignedPoint
            | Self::FloatForInteger => Types::NUMBER,
            Self::Comment => Types::NUMBER | Types::BOOL,
            Self::Date | Self::Value | Self::Merge | Self::Separator => Types::NONE,
        }
    }

    /// Judges the characters of a text, whatever they spell.
    pub(super) fn of_characters(text: &str) -> Option<Self> {
        // All but the tab are longer than a byte, which the most part of all texts is not.
        let suspect = text.bytes().any(|byte| byte == b'\t' || byte == 0xc2 || byte == 0xe2);
        (suspect && text.contains(['\t', '\u{85}', '\u{2028}', '\u{2029}'])).then_some(Self::Separator)
    }

    /// Judges a text that begins with a digit, a sign or a point.
    pub(super) fn of_number(text: &str) -> Option<Self> {
        if number::is_date(text.as_bytes()) {
            return Some(Self::Date);
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        if unsigned.eq_ignore_ascii_case(".inf") || unsigned.eq_ignore_ascii_case(".nan") {
            return Some(Self::NotFinite);
        }
        if unsigned.contains('_') {
            // Go takes underscores out first and then looks at what is left; ruamel.yaml fails where nothing is.
            let rest: String = text.chars().filter(|&char| char != '_').collect();
            let bare = rest.strip_prefix(['+', '-']).unwrap_or(&rest);
            let counts = Self::of_number(&rest).is_some()
                || Digits::read(&rest).is_some()
                || ["", ".", "0o", "0x", "0b"].contains(&bare);
            return counts.then_some(Self::Underscore);
        }
        if number::is_based(unsigned) {
            return Some(Self::Base);
        }
        if number::is_sexagesimal(unsigned.as_bytes()) {
            return Some(Self::Sexagesimal);
        }
        let digits = Digits::read(text)?;
        if digits.fraction.is_none() && digits.exponent.is_none() && digits.whole.len() > 1 && unsigned.starts_with('0')
        {
            return Some(Self::LeadingZero);
        }
        if digits.exponent.is_some_and(|exponent| digits.fraction.is_none() || !exponent.starts_with(['+', '-'])) {
            return Some(Self::Exponent);
        }
        if digits.whole.is_empty() && text.len() > unsigned.len() {
            return Some(Self::SignedPoint);
        }
        let exact = match digits.fraction {
            Some(_) => text.parse::<f64>().is_ok_and(f64::is_finite),
            None => text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok(),
        };
        (!exact).then_some(Self::Large)
    }

    /// What the readers take the text for.
    pub fn readings(self, text: &str) -> String {
        let number = || self.numbers(text).into_iter().next().unwrap_or_else(|| "a number".to_owned());
        match self {
            Self::Bool(value) => format!("some readers take this for `{value}`, others for text"),
            Self::Null => "some readers take this for null, others for text".to_owned(),
            Self::LeadingZero => match self.numbers(text).as_slice() {
                [octal, decimal] => {
                    format!("some readers take this for {octal}, in octal digits, others for {decimal}")
                }
                _ => format!("some readers take this for {}, others for text", number()),
            },
            Self::Base if number::is_octal(text) => {
                format!("some readers take this for {}, in octal digits, others for text", number())
            }
            Self::Base | Self::Underscore | Self::Sexagesimal | Self::Exponent | Self::SignedPoint => {
                format!("some readers take this for {}, others for text", number())
            }
            Self::Date => "some readers take this for a date, others for text".to_owned(),
            Self::NotFinite => "no number in JSON is like this".to_owned(),
            Self::Large if text.contains(['.', 'e', 'E']) => "no reader has a number as large as this".to_owned(),
            Self::Large => "this has more than 64 bits: readers round it, or refuse it".to_owned(),
            Self::Value | Self::Merge => {
                "some readers give this a meaning of its own, others take it for text".to_owned()
            }
            Self::Separator => "some readers cannot read a tab or a line separator here".to_owned(),
            Self::FloatForInteger => "this has a point".to_owned(),
            Self::Comment => "`//` begins no comment here: all of this is a text".to_owned(),
        }
    }

    /// How to write what is meant, as far as the wanted types allow it.
    pub(super) fn remedy(self, text: &str, wanted: Types) -> String {
        let mut ways = Vec::new();
        if wanted.contains(Types::STRING) && text.len() > 60 {
            ways.push("it in double quotes for the text".to_owned());
        } else if wanted.contains(Types::STRING) {
            let mut quoted = String::new();
            emit::quoted(&mut quoted, text);
            ways.push(format!("`{quoted}` for the text"));
        }
        match self {
            Self::Bool(value) if wanted.contains(Types::BOOL) => ways.push(format!("`{value}` for the boolean")),
            Self::Null if wanted.contains(Types::NULL) => ways.push("`null` for no value".to_owned()),
            _ => {}
        }
        if wanted.intersects(Types::NUMBER) {
            let fits = |number: &String| wanted.contains(Types::FLOAT) || !number.contains('.');
            // Who writes `0644` means octal digits, or text; 644 is what nobody means.
            let meant = if self == Self::LeadingZero { 1 } else { usize::MAX };
            let is_octal = self == Self::LeadingZero && self.numbers(text).len() > 1;
            let which = if is_octal { "the number in octal digits" } else { "the number" };
            ways.extend(
                self.numbers(text)
                    .iter()
                    .take(meant)
                    .filter(|number| fits(number))
                    .map(|number| format!("`{number}` for {which}")),
            );
            let bare = text.trim_start_matches('+');
            if self == Self::Large
                && wanted.contains(Types::FLOAT)
                && !wanted.contains(Types::STRING)
                && !text.contains('.')
            {
                ways.push(format!("`{}.0` for a number in floating point", shorten(bare)));
            }
        }
        match (ways.as_slice(), self) {
            ([], Self::Large) => {
                "let the schema want a string here, and write it in quotes: integers go from -9223372036854775808 to \
                 18446744073709551615"
                    .to_owned()
            }
            ([], _) => format!("write {wanted}"),
            ([only], Self::Comment) => format!("begin a comment with `#`, or write {only}"),
            ([only], _) => format!("write {only}"),
            ([first @ .., last], _) => format!("write {} or {last}", first.join(", ")),
        }
    }

    /// The integer that was probably meant.
    pub fn likely_integer(self, text: &str) -> Option<i64> {
        let number =
            self.numbers(text).into_iter().next().or_else(|| (self == Self::Large).then(|| text.to_owned()))?;
        number.parse::<f64>().ok().map(|number| number as i64)
    }

    /// The numbers that readers see in the text, as platc writes them.
    pub(super) fn numbers(self, text: &str) -> Vec<String> {
        let bare: String = text.chars().filter(|&char| char != '_').collect();
        match self {
            Self::LeadingZero => {
                let octal = i64::from_str_radix(&bare, 8).ok().map(|number| number.to_string());
                let decimal = bare.parse::<i64>().ok().map(|number| number.to_string());
                let mut numbers: Vec<String> = octal.into_iter().chain(decimal).collect();
                numbers.dedup();
                numbers
            }
            Self::Base => number::based(&bare).into_iter().map(|number| number.to_string()).collect(),
            Self::Sexagesimal => number::sixties(&bare).into_iter().map(|number| number.to_string()).collect(),
            Self::Underscore if number::based(&bare).is_some() => Self::Base.numbers(&bare),
            Self::Underscore | Self::Exponent | Self::SignedPoint => {
                let finite = bare.parse::<f64>().is_ok_and(f64::is_finite);
                Digits::read(&bare).filter(|_| finite).map(|digits| digits.written()).into_iter().collect()
            }
            Self::FloatForInteger => {
                let whole = text.split_once('.').filter(|(_, fraction)| fraction.bytes().all(|digit| digit == b'0'));
                whole.map(|(whole, _)| whole.to_owned()).into_iter().collect()
            }
            Self::Bool(_)
            | Self::Null
            | Self::Date
            | Self::Comment
            | Self::NotFinite
            | Self::Large
            | Self::Value
            | Self::Merge
            | Self::Separator => Vec::new(),
        }
    }
}

/// The beginning of a text that is too long for a sentence.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
