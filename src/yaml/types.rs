//! [`Types`]: which JSON types a place wants, as a set. The schema answers with it, the scalar reader asks with it.

use std::ops::{BitAnd, BitOr};

/// A set of the types a value can have. A number that is not an integer is a `FLOAT`; the schema's word `number` means
/// both, [`Types::NUMBER`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Types(u8);

impl Types {
    pub const NONE: Self = Self(0);
    pub const NULL: Self = Self(1);
    pub const BOOL: Self = Self(1 << 1);
    pub const INTEGER: Self = Self(1 << 2);
    pub const FLOAT: Self = Self(1 << 3);
    pub const STRING: Self = Self(1 << 4);
    pub const LIST: Self = Self(1 << 5);
    pub const MAP: Self = Self(1 << 6);

    pub const NUMBER: Self = Self(Self::INTEGER.0 | Self::FLOAT.0);
    /// What a plain scalar can become.
    pub const SCALAR: Self = Self(Self::NULL.0 | Self::BOOL.0 | Self::NUMBER.0 | Self::STRING.0);
    /// Nothing is said about the place.
    pub const ANY: Self = Self(Self::SCALAR.0 | Self::LIST.0 | Self::MAP.0);

    const NAMES: [(Self, &'static str); 7] = [
        (Self::MAP, "a map"),
        (Self::LIST, "a list"),
        (Self::STRING, "a string"),
        (Self::NUMBER, "a number"),
        (Self::INTEGER, "an integer"),
        (Self::BOOL, "a boolean"),
        (Self::NULL, "null"),
    ];

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of `other` is in the set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Some of `other` is in the set.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Types {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Types {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// As messages say it: `a string`, `a map or null`, `a list, a string or an integer`.
impl std::fmt::Display for Types {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = *self;
        let mut names = Vec::new();
        for (types, name) in Self::NAMES {
            if rest.contains(types) {
                names.push(name);
                rest = Self(rest.0 & !types.0);
            }
        }
        if rest == Self::FLOAT {
            names.push("a number");
        }
        match names.as_slice() {
            [] => f.write_str("nothing"),
            [only] => f.write_str(only),
            [first @ .., last] => write!(f, "{} or {last}", first.join(", ")),
        }
    }
}

impl std::fmt::Debug for Types {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Types({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::Types;

    #[test]
    fn sets_are_named_as_messages_say_them() {
        assert_eq!(Types::STRING.to_string(), "a string");
        assert_eq!((Types::NULL | Types::MAP).to_string(), "a map or null");
        assert_eq!((Types::INTEGER | Types::STRING | Types::LIST).to_string(), "a list, a string or an integer");
        assert_eq!(Types::NUMBER.to_string(), "a number");
        assert_eq!(Types::NONE.to_string(), "nothing");
    }

    #[test]
    fn number_holds_integer() {
        assert!(Types::NUMBER.contains(Types::INTEGER));
        assert!(!Types::INTEGER.contains(Types::NUMBER));
        assert!(Types::INTEGER.intersects(Types::NUMBER));
        assert_eq!(Types::ANY & Types::NUMBER, Types::NUMBER);
    }
}
