//! Numbers and words that readers take in different ways, or that have no end, under each type.

use crate::case::Case;

pub fn cases() -> Vec<Case> {
    let scalars = [
        ("20 digits", "9".repeat(20)),
        ("400 digits", "9".repeat(400)),
        ("200,000 digits", "9".repeat(200_000)),
        ("400 negative digits", format!("-{}", "9".repeat(400))),
        ("200,000 digits after the point", format!("0.{}", "3".repeat(200_000))),
        ("a great exponent", "1e400".to_owned()),
        ("a greater exponent", "1e99999999999999999999".to_owned()),
        ("a small exponent", "1e-400".to_owned()),
        ("octal digits", "0777".to_owned()),
        ("hexadecimal digits", format!("0x{}", "f".repeat(100))),
        ("underscores", "1_000_000".to_owned()),
        ("sixties", "190:20:30".to_owned()),
        ("no number", ".nan".to_owned()),
        ("no end", "-.inf".to_owned()),
        ("a date", "2001-12-14t21:59:43.10-05:00".to_owned()),
        ("digits of another script", "\u{661}\u{662}\u{663}".to_owned()),
        ("a negative zero", "-0.0".to_owned()),
        ("the least integer", "-9223372036854775808".to_owned()),
        ("beyond the least integer", "-9223372036854775809".to_owned()),
        ("the greatest integer", "18446744073709551615".to_owned()),
        ("beyond the greatest integer", "18446744073709551616".to_owned()),
    ];
    let types = [
        ("any type", "true"),
        ("an integer", "{type: integer}"),
        ("a number", "{type: number}"),
        ("a text", "{type: string}"),
        ("a boolean", "{type: boolean}"),
        ("a multiple", "{type: number, multipleOf: 0.0000001}"),
    ];
    let mut cases = Vec::new();
    for (what, scalar) in scalars {
        for (kind, schema) in types {
            let case = Case::new(format!("number: {what} as {kind}")).schema(format!("properties: {{n: {schema}}}\n"));
            let template = "a: {{ n }}\nb: {{ n is number and n + 1 }}\nc: {{ n is number and n * n }}\n";
            cases.push(case.environment(format!("n: {scalar}\n")).template(template));
        }
    }
    cases
}
