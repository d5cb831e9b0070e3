//! Comparing versions, by semantic versioning 2.0.

use std::cmp::Ordering;

use minijinja::value::Value;
use semver::{Version, VersionReq};

use super::{Call, Function, Run, Section, Usage};
use crate::template::refusal::Refusal;

pub(super) static SECTION: Section = Section {
    title: "Versions",
    functions: &[
        Function {
            name: "semver_compare",
            usage: Usage::Both,
            signature: "version, other",
            about: "-1, 0 or 1: whether a version is before, the same as or after another. A leading `v` does not count; missing parts are 0.",
            examples: &[
                ("semver_compare('1.9.0', '1.10')", "-1"),
                ("semver_compare('v1.2.3', '1.2.3')", "0"),
                ("semver_compare('1.0.0', '1.0.0-rc.1')", "1"),
            ],
            run: Run::Own(|call| {
                let (a, b) = (version(call, "version")?, version(call, "other")?);
                Ok(Value::from(match a.cmp_precedence(&b) {
                    Ordering::Less => -1,
                    Ordering::Equal => 0,
                    Ordering::Greater => 1,
                }))
            }),
        },
        Function {
            name: "semver_matches",
            usage: Usage::Both,
            signature: "version, requirement",
            about: "Whether a version meets a requirement: `>=1.29, <2`, `~1.4`, `^1.2`.",
            examples: &[
                ("semver_matches('1.35.2', '>=1.33, <2')", "true"),
                ("semver_matches('2.0.0', '^1.2')", "false"),
            ],
            run: Run::Own(|call| {
                let version = version(call, "version")?;
                let requirement = call.text("requirement")?;
                match VersionReq::parse(&requirement) {
                    Ok(requirement) => Ok(Value::from(requirement.matches(&version))),
                    Err(_) => call.refuse(format!("`{requirement}` is not a requirement such as `>=1.29, <2`")),
                }
            }),
        },
        Function {
            name: "semver",
            usage: Usage::Both,
            signature: "version",
            about: "The parts of a version.",
            examples: &[("semver('v1.35.2-rc.1')", "{major: 1, minor: 35, patch: 2, pre: rc.1}")],
            run: Run::Own(|call| {
                let version = version(call, "version")?;
                let parts: [(&str, Value); 4] = [
                    ("major", version.major.into()),
                    ("minor", version.minor.into()),
                    ("patch", version.patch.into()),
                    ("pre", version.pre.as_str().into()),
                ];
                Ok(Value::from_pairs(parts))
            }),
        },
    ],
};

fn version(call: &mut Call<'_, '_, '_>, name: &str) -> Result<Version, Refusal> {
    let text = call.text(name)?;
    let bare = text.strip_prefix('v').unwrap_or(&text);
    let end = bare.find(['-', '+']).unwrap_or(bare.len());
    let missing = 2_usize.saturating_sub(bare[..end].matches('.').count());
    let full = format!("{}{}{}", &bare[..end], ".0".repeat(missing), &bare[end..]);
    Version::parse(&full).or_else(|_| call.refuse(format!("`{text}` is not a version such as `1.2.3`")))
}
