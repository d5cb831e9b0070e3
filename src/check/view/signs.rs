//! [`Signs`]: which telling characters a text holds. Most texts hold none of those that a rule is about, and a set of
//! characters is asked in no time.

/// A set of characters: the signs, digits and capital letters of ASCII, braces and what breaks a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs(u64);

/// The bit of each byte; none for those that are not told from others.
static BITS: [u64; 256] = bits();

const fn bits() -> [u64; 256] {
    let mut bits = [0; 256];
    let mut byte = b' ';
    while byte <= b'_' {
        // All digits are one: their bits are free for what stands beyond the capital letters.
        let place = if byte.is_ascii_digit() { b'0' } else { byte };
        bits[byte as usize] = 1 << (place - b' ');
        byte += 1;
    }
    let others = [b'\n', b'{', b'}', b'|', b'`', b'~', b'\t'];
    let mut at = 0;
    while at < others.len() {
        bits[others[at] as usize] = 1 << (b'1' - b' ' + at as u8);
        at += 1;
    }
    bits
}

impl Signs {
    pub const NONE: Self = Self(0);

    /// These characters. A small letter is none of them.
    pub const fn of(characters: &[u8]) -> Self {
        let (mut signs, mut at) = (0, 0);
        while at < characters.len() {
            signs |= BITS[characters[at] as usize];
            at += 1;
        }
        Self(signs)
    }

    /// Those that a text holds.
    pub fn in_text(text: &str) -> Self {
        Self(text.bytes().fold(0, |signs, byte| signs | BITS[usize::from(byte)]))
    }

    /// Whether all of these are among them.
    pub const fn have(self, all: Self) -> bool {
        self.0 & all.0 == all.0
    }

    /// Whether one of these is among them.
    pub const fn have_any(self, these: Self) -> bool {
        self.0 & these.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_signs_that_it_holds() {
        let signs = Signs::in_text("arn:aws:iam::012345678901:role/${Name}\n");
        assert!(signs.have(Signs::of(b":/${}\nN0")));
        assert!(signs.have_any(Signs::of(b"@$")) && !signs.have(Signs::of(b"@$")));
        assert!(!signs.have_any(Signs::of(b"@<|~_A")));
        assert!(Signs::in_text("7").have(Signs::of(b"0")), "digits are not told from each other");
        assert!(Signs::in_text("only small letters").have_any(Signs::of(b" ")));
        assert_eq!(Signs::in_text("äöü"), Signs::NONE);
    }
}
