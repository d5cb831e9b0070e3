//! What isn't the same each time: random texts, keys and certificates. A stand-in takes its place, which is known as one.

use crate::chart::value::{Data, Field, Struct, StructKind, Value};

use super::{Context, Function, Kind, Made, because, int, keeping, plain, text};

const COUNT: &[Kind] = &[Kind::Int];
const TEXT: &[Kind] = &[Kind::Text];
const TWO: &[Kind] = &[Kind::Text, Kind::Text];

pub(super) const ALL: &[Function] = &[
    plain("randAlphaNum", COUNT, None, |context, values| letters(context, values, "randAlphaNum", "x")),
    plain("randAlpha", COUNT, None, |context, values| letters(context, values, "randAlpha", "x")),
    plain("randAscii", COUNT, None, |context, values| letters(context, values, "randAscii", "x")),
    plain("randNumeric", COUNT, None, |context, values| letters(context, values, "randNumeric", "1")),
    plain("randBytes", COUNT, None, |context, values| {
        let Ok(count) = usize::try_from(int(&values[0])) else { return because("there are no fewer bytes than none") };
        context.meter.bytes(count.saturating_mul(2))?;
        Ok(stand_in(context, "randBytes", format!("{}{}", "AAAA".repeat(count / 3), ["", "AA==", "AAA="][count % 3])))
    }),
    plain("randInt", &[Kind::Int, Kind::Int], None, |context, values| {
        let (least, most) = (int(&values[0]), int(&values[1]));
        if least >= most {
            return because("there is no number between these");
        }
        Ok(Value::int(least).with(&(context.unsure)("randInt")))
    }),
    plain("shuffle", TEXT, None, |context, values| Ok(values[0].clone().with(&(context.unsure)("shuffle")))),
    plain("uuidv4", &[], None, |context, _| {
        Ok(stand_in(context, "uuidv4", "00000000-0000-4000-8000-000000000000".into()))
    }),
    plain("bcrypt", TEXT, None, |context, _| Ok(stand_in(context, "bcrypt", format!("$2a$10${}", "x".repeat(53))))),
    plain("htpasswd", TWO, None, |context, values| {
        let name = text(&values[0]).str();
        if name.contains(':') {
            return Ok(Value::text(format!("invalid username: {name}")));
        }
        Ok(stand_in(context, "htpasswd", format!("{name}:$2a$10${}", "x".repeat(53))))
    }),
    plain(
        "derivePassword",
        &[Kind::Uint32, Kind::Text, Kind::Text, Kind::Text, Kind::Text],
        None,
        |context, values| {
            let kind = text(&values[1]).str();
            let length = match &*kind {
                "maximum" => 20,
                "long" => 14,
                "medium" | "basic" => 8,
                "short" | "pin" => 4,
                _ => return Ok(Value::text(format!("cannot find password template {kind}"))),
            };
            Ok(stand_in(context, "derivePassword", "x".repeat(length)))
        },
    ),
    plain("encryptAES", TWO, None, |context, _| Ok(stand_in(context, "encryptAES", "AAAAAAAAAAAAAAAAAAAAAA==".into()))),
    plain("decryptAES", TWO, None, |context, _| Ok(stand_in(context, "decryptAES", String::new()))),
    plain("genPrivateKey", TEXT, None, |context, values| {
        let kind = text(&values[0]).str();
        let label = match &*kind {
            "" | "rsa" => "RSA PRIVATE KEY",
            "dsa" => "DSA PRIVATE KEY",
            "ecdsa" => "EC PRIVATE KEY",
            "ed25519" => "PRIVATE KEY",
            _ => return Ok(Value::text(format!("Unknown type {kind}"))),
        };
        Ok(stand_in(context, "genPrivateKey", pem(label)))
    }),
    plain("genCA", &[Kind::Text, Kind::Int], None, |context, _| Ok(certificate(context, "genCA"))),
    plain("genCAWithKey", &[Kind::Text, Kind::Int, Kind::Text], None, |context, _| {
        Ok(certificate(context, "genCAWithKey"))
    }),
    plain("genSelfSignedCert", &[Kind::Text, Kind::List, Kind::List, Kind::Int], None, |context, _| {
        Ok(certificate(context, "genSelfSignedCert"))
    }),
    plain(
        "genSelfSignedCertWithKey",
        &[Kind::Text, Kind::List, Kind::List, Kind::Int, Kind::Text],
        None,
        |context, _| Ok(certificate(context, "genSelfSignedCertWithKey")),
    ),
    plain("genSignedCert", &[Kind::Text, Kind::List, Kind::List, Kind::Int, Kind::Certificate], None, |context, _| {
        Ok(certificate(context, "genSignedCert"))
    }),
    plain(
        "genSignedCertWithKey",
        &[Kind::Text, Kind::List, Kind::List, Kind::Int, Kind::Certificate, Kind::Text],
        None,
        |context, _| Ok(certificate(context, "genSignedCertWithKey")),
    ),
    plain("buildCustomCert", TWO, None, |context, _| Ok(certificate(context, "buildCustomCert"))),
    // Helm asks no name server unless it is told to on its command line.
    plain("getHostByName", TEXT, None, |_, _| Ok(Value::text(""))),
    keeping("lookup", &[Kind::Text, Kind::Text, Kind::Text, Kind::Text], None, |context, _| {
        let nothing = Value::map([]);
        Ok(if context.lookup_is_unknown { nothing.with(&(context.unsure)("lookup")) } else { nothing })
    }),
    plain("hello", &[], None, |_, _| Ok(Value::text("Hello!"))),
];

fn stand_in(context: &Context, function: &'static str, text: String) -> Value {
    Value::text(text).with(&(context.unsure)(function))
}

fn letters(context: &Context, values: &[Value], function: &'static str, letter: &str) -> Made {
    let count = usize::try_from(int(&values[0])).unwrap_or(0);
    context.meter.bytes(count)?;
    Ok(stand_in(context, function, letter.repeat(count)))
}

fn pem(label: &str) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", "x".repeat(64))
}

fn certificate(context: &Context, function: &'static str) -> Value {
    let marks = (context.unsure)(function);
    let field = |name, label| {
        let value = Value::text(pem(label)).with(&marks);
        Field { name, json: name, omit_empty: false, value }
    };
    let fields = vec![field("Cert", "CERTIFICATE"), field("Key", "RSA PRIVATE KEY")];
    Value::from(Data::Struct(Struct { kind: StructKind::Certificate, fields }.into())).with(&marks)
}
