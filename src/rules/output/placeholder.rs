//! Text that somebody meant to replace.

use std::cell::OnceCell;

use camino::Utf8Path;

use crate::artifact::Target;
use crate::check::view::overlays::Overlays;
use crate::check::{Node, Place, Report, Signs, View, rule};

rule! {
    PLACEHOLDER = Error "output/placeholder";
    summary: "text that was to be replaced is still there";
    explanation: "`TODO`, `CHANGEME`, Helm's `<no value>`, Python's `None` for a name, an image, a host or the like, `<your-account>`, an ARN without an account, a CloudFormation `${AWS::…}` outside of `Fn::Sub`, or a `${…}` in a field of Kubernetes: each is taken literally by whoever reads the file, and fails late and far from its cause. What a Kustomization of Flux gives by `postBuild.substitute` is known, and what it takes `substituteFrom` the cluster is not judged, nor what a patch of Kustomize names. Commands, environment variables, annotations, the data of ConfigMaps and the fields of other operators are left alone, since programs have variables of their own: only what nothing could ever replace is reported.";
    wrong: "
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: api
          annotations:
            owner: CHANGEME
    ";
    right: "
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: api
          annotations:
            owner: team-a
    ";
}

/// Whole values that mean "not yet", in any case.
const WORDS: [&str; 10] =
    ["TODO", "FIXME", "TBD", "XXX", "CHANGEME", "CHANGE_ME", "CHANGE-ME", "REPLACEME", "REPLACE_ME", "REPLACE-ME"];

/// The length of the longest of them.
const LONGEST_WORD: usize = 10;

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let overlays = OnceCell::new();
    for document in view.meant() {
        let is_template = document.target == Some(Target::CloudFormation);
        for (node, text, signs) in document.root().texts() {
            let Some((part, why)) = placeholder(text, signs, is_template) else { continue };
            let is_set = |key: &str| overlays.get_or_init(|| Overlays::of(view)).may_set(document.path, key);
            let is_other_word = part == "None" && !node.nearest_key().is_some_and(is_never_none);
            if !(is_other_word || is_template && is_substituted(&node) || node.nearest_key().is_some_and(is_set)) {
                tell(node, (text, part), why, report);
            }
        }
    }
    for (place, text) in view.texts().filter(|(place, _)| !view.is_material(place)) {
        if let Some((part, why)) = left_in_text(text).filter(|_| !is_prose(&view.artifact(&place).path)) {
            tell(place, (text, part), why, report);
        }
    }
}

fn tell(place: impl Into<Place>, (text, part): (&str, &str), why: &str, report: &mut Report) {
    report.at(&PLACEHOLDER, place, format!("`{part}` was to be replaced")).about(text, part).label(why).help(
        if why.contains("Fn::Sub") {
            "write `!Sub` before the text, as in `!Sub \"arn:${AWS::Partition}:…\"`"
        } else {
            "set the value, or take out what needs it"
        },
    );
}

/// Whether `Fn::Sub` replaces what a text names; a local variable's value is a value like any other.
fn is_substituted(text: &Node<'_>) -> bool {
    let mut below = None;
    for node in std::iter::once(*text).chain(text.around()) {
        if node.key() == Some("Fn::Sub") {
            let own = node.items().into_iter().nth(1);
            let is_own = |below: Node<'_>| own.is_some_and(|own| own.is_at(&below));
            if !below.is_some_and(is_own) {
                return true;
            }
        }
        below = Some(node);
    }
    false
}

/// Whether a field can have no such word as `None`: it names something, or says where it is. Many others can, in
/// Kubernetes (`clusterIP`, `mountPropagation`), in CloudFormation and in the configuration of programs.
fn is_never_none(key: &str) -> bool {
    const ENDS: [&str; 20] = [
        "account",
        "accountid",
        "arn",
        "bucket",
        "bucketname",
        "cidr",
        "cluster",
        "clustername",
        "domain",
        "endpoint",
        "host",
        "hostname",
        "image",
        "name",
        "namespace",
        "region",
        "repository",
        "tag",
        "url",
        "version",
    ];
    let lower = key.to_lowercase().replace(['_', '-'], "");
    ENDS.iter().any(|end| lower.ends_with(end))
}

/// Whether a file is written for people, who are told in it what to replace elsewhere.
fn is_prose(path: &Utf8Path) -> bool {
    const ENDINGS: [&str; 7] = ["md", "mdx", "markdown", "rst", "adoc", "asciidoc", "html"];
    path.extension().is_some_and(|ending| ENDINGS.contains(&&*ending.to_ascii_lowercase()))
}

/// What is left in a script, or another file that is neither YAML nor JSON.
fn left_in_text(text: &str) -> Option<(&str, &'static str)> {
    let no_value = found(text, "<no value>").map(|part| (part, "this is how Go templates print what is missing"));
    no_value.or_else(|| nobodys_word(text).map(|part| (part, "this is not a value yet")))
}

/// `CHANGEME` is nobody's word; `TODO` within a sentence may be.
fn nobodys_word(text: &str) -> Option<&str> {
    // Nearly every text lacks even this.
    text.contains("ME").then_some(())?;
    ["CHANGEME", "CHANGE_ME", "REPLACEME", "REPLACE_ME"].iter().find_map(|word| found(text, word))
}

/// The part of a text that was to be replaced, and why it is known to be.
fn placeholder(text: &str, signs: Signs, is_template: bool) -> Option<(&str, &'static str)> {
    const SIGNS: Signs = Signs::of(b"<$CR:");
    // Nothing but a blank makes a longer text one of these.
    let is_short =
        text.len() <= LONGEST_WORD || text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    let trimmed = if is_short { text.trim() } else { text };
    if trimmed.len() <= LONGEST_WORD && WORDS.iter().any(|word| trimmed.eq_ignore_ascii_case(word)) {
        return Some((text, "this is not a value yet"));
    }
    if text == "None" {
        return Some((text, "this is how Python prints nothing; a missing value is `null` or not there"));
    }
    // Most texts hold none of the signs that all others have. A configuration that somebody's program reads has a syntax
    // of its own, comments and templates among it.
    if !signs.have_any(SIGNS) || signs.have(Signs::of(b"\n")) {
        return None;
    }
    let has = |these: &[u8]| signs.have(Signs::of(these));
    if has(b"<>")
        && let Some(part) = found(text, "<no value>")
    {
        return Some((part, "this is how Go templates print what is missing"));
    }
    if has(b"ACEM")
        && let Some(part) = nobodys_word(text)
    {
        return Some((part, "this is not a value yet"));
    }
    if has(b":")
        && let Some(at) = without_account(text)
    {
        return text.get(at..).map(|part| (part, "this ARN names no account"));
    }
    if is_template
        && has(b"${:")
        && let Some(part) = pseudo_parameter(text)
    {
        return Some((part, "only `Fn::Sub` replaces it"));
    }
    if has(b"<>") { angle_brackets(text).map(|part| (part, "this is not a value yet")) } else { None }
}

/// Where an ARN begins that lacks the account, of a service whose resources always have one.
fn without_account(text: &str) -> Option<usize> {
    const SERVICES: [&str; 8] = ["dynamodb", "eks", "iam", "kms", "lambda", "secretsmanager", "sns", "sqs"];
    let at = text.contains("arn:aws").then(|| text.find("arn:aws"))??;
    let mut parts = text.get(at..)?.splitn(6, ':').skip(2);
    let (service, region, account, _) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    // Of IAM, a region is as wrong as no account is.
    (SERVICES.contains(&service) && account.is_empty() && !region.contains('$')).then_some(at)
}

fn found<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let at = text.find(word)?;
    text.get(at..at + word.len())
}

/// `${AWS::Region}`.
fn pseudo_parameter(text: &str) -> Option<&str> {
    let at = text.find("${AWS::")?;
    let end = text.get(at..)?.find('}')?;
    text.get(at..=at + end)
}

/// `<your-account-id>`, `<ACCOUNT_ID>` and their like, as instructions print what the reader must fill in.
fn angle_brackets(text: &str) -> Option<&str> {
    // A sentence explains what to write elsewhere.
    if text.trim().contains(char::is_whitespace) {
        return None;
    }
    let (at, end) = (text.find('<')?, text.find('>')?);
    let word = text.get(at + 1..end)?;
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let lower = word.to_ascii_lowercase();
    let asks = ["your-", "your_", "insert-", "my-", "replace-with"].iter().any(|start| lower.starts_with(start))
        || (word.len() > 3 && word.contains('_') && !word.bytes().any(|byte| byte.is_ascii_lowercase()));
    (is_word && asks).then(|| text.get(at..=end)).flatten()
}

#[cfg(test)]
mod tests {
    use crate::check::Signs;

    fn placeholder(text: &str, is_template: bool) -> Option<(&str, &'static str)> {
        super::placeholder(text, Signs::in_text(text), is_template)
    }

    #[test]
    fn what_is_a_placeholder() {
        for text in [
            "TODO",
            "todo",
            " Changeme ",
            "None",
            "<no value>",
            "x-CHANGEME-y",
            "arn:aws:iam:::role/x",
            "arn:aws-cn:sqs:cn-north-1::queue",
            "<your-account-id>",
            "arn:aws:iam::<ACCOUNT_ID>:role/x",
            "replace_me",
        ] {
            assert!(placeholder(text, false).is_some(), "{text}");
        }
        assert_eq!(placeholder("arn:${AWS::Partition}:s3:::x", true).map(|found| found.0), Some("${AWS::Partition}"));
    }

    #[test]
    fn what_is_none() {
        for text in [
            "none",
            "Nonesuch",
            "todo-service",
            "a TODO list",
            "${POD_NAME}",
            "${1}-$2",
            "{{ .Values.x }}",
            "{{__cluster__}}",
            "${AWS::Region}",
            "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
            "arn:aws:s3:::bucket",
            "arn:aws:ssm:eu-central-1::parameter/aws/service/eks",
            "arn:aws:ec2:eu-central-1::image/ami-1",
            "a < b > c",
            "<html>",
            "run it with <ACCOUNT_ID> of your own",
            "x # TODO\ny\n",
            "<%ACCOUNT%>",
        ] {
            assert_eq!(placeholder(text, false), None, "{text}");
        }
    }
}
