//! Encodings and digests.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256, Sha512};

use crate::chart::text::Text;
use crate::chart::value::{Data, Value};

use super::{Context, Function, Kind, Made, plain, sha1, text};

const TEXT: &[Kind] = &[Kind::Text];
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Go lets bits be set that belong to no byte.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

pub(super) const ALL: &[Function] = &[
    plain("b64enc", TEXT, None, |context, values| {
        context.meter.bytes(text(&values[0]).len().saturating_mul(2))?;
        Ok(Value::text(BASE64.encode(text(&values[0]).bytes())))
    }),
    plain("b64dec", TEXT, None, decode_base64),
    plain("b32enc", TEXT, None, |context, values| {
        context.meter.bytes(text(&values[0]).len().saturating_mul(2))?;
        Ok(Value::text(encode_base32(text(&values[0]).bytes())))
    }),
    plain("b32dec", TEXT, None, |_, values| {
        Ok(match decode_base32(text(&values[0]).bytes()) {
            Ok(bytes) => Data::Text(Text::from_bytes(bytes)).into(),
            Err(at) => Value::text(format!("illegal base32 data at input byte {at}")),
        })
    }),
    plain("sha1sum", TEXT, None, |context, values| {
        context.meter.bytes(text(&values[0]).len())?;
        Ok(Value::text(hexadecimal(&sha1::digest(text(&values[0]).bytes()))))
    }),
    plain("sha256sum", TEXT, None, |context, values| {
        context.meter.bytes(text(&values[0]).len())?;
        Ok(Value::text(hexadecimal(&Sha256::digest(text(&values[0]).bytes()))))
    }),
    plain("sha512sum", TEXT, None, |context, values| {
        context.meter.bytes(text(&values[0]).len())?;
        Ok(Value::text(hexadecimal(&Sha512::digest(text(&values[0]).bytes()))))
    }),
    plain("adler32sum", TEXT, None, |_, values| {
        let (mut a, mut b) = (1u32, 0u32);
        for byte in text(&values[0]).bytes() {
            a = (a + u32::from(*byte)) % 65_521;
            b = (b + a) % 65_521;
        }
        Ok(Value::text(((b << 16) | a).to_string()))
    }),
];

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn decode_base64(context: &Context, values: &[Value]) -> Made {
    let whole = text(&values[0]);
    context.meter.bytes(whole.len())?;
    // Line breaks are skipped.
    let kept: Vec<u8> = whole.bytes().iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    Ok(match BASE64.decode(&kept) {
        Ok(bytes) => Data::Text(Text::from_bytes(bytes)).into(),
        Err(_) => Value::text(format!("illegal base64 data at input byte {}", wrong_byte(whole.bytes()))),
    })
}

/// Where Go says that a text stops being base64.
fn wrong_byte(bytes: &[u8]) -> usize {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let (mut at, mut in_group) = (0, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        match byte {
            b'\r' | b'\n' => {}
            _ if is_letter(byte) => in_group = (in_group + 1) % 4,
            b'=' if in_group >= 2 => {
                let skip = |mut at: usize| {
                    while matches!(bytes.get(at), Some(b'\r' | b'\n')) {
                        at += 1;
                    }
                    at
                };
                if in_group == 2 {
                    at = skip(at);
                    if at == bytes.len() {
                        return bytes.len();
                    }
                    if bytes[at] != b'=' {
                        return at;
                    }
                    at += 1;
                }
                return skip(at);
            }
            _ => return at - 1,
        }
    }
    at - in_group
}

fn encode_base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let mut group = [0u8; 5];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = group.iter().fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let used = (chunk.len() * 8).div_ceil(5);
        (0..8).for_each(|number| {
            let letter = LETTERS[((bits >> (35 - 5 * number)) & 31) as usize];
            out.push(if number < used { char::from(letter) } else { '=' });
        });
    }
    out
}

/// The bytes, or where the text is wrong.
fn decode_base32(text: &[u8]) -> Result<Vec<u8>, usize> {
    let kept: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut out = Vec::new();
    for (number, group) in kept.chunks(8).enumerate() {
        let start = number * 8;
        if group.len() < 8 {
            let first = group.iter().position(|byte| !LETTERS.contains(byte));
            return Err(start + first.unwrap_or(0));
        }
        let used = group.iter().position(|byte| *byte == b'=').unwrap_or(8);
        let padding_is_sound = group[used..].iter().all(|byte| *byte == b'=');
        if !matches!(used, 2 | 4 | 5 | 7 | 8) || !padding_is_sound || (used < 8 && start + 8 != kept.len()) {
            return Err(start + used);
        }
        let mut bits = 0u64;
        for (at, byte) in group[..used].iter().enumerate() {
            let Some(digit) = LETTERS.iter().position(|letter| letter == byte) else { return Err(start + at) };
            bits |= (digit as u64) << (35 - 5 * at);
        }
        let count = used * 5 / 8;
        out.extend((0..count).map(|at| (bits >> (32 - 8 * at)) as u8));
    }
    Ok(out)
}
