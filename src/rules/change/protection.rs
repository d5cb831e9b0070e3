//! Settings that protect by their value, and have a weaker one than before.

use std::collections::BTreeMap;

use super::weakened::WEAKENED;
use crate::check::{Change, Document, Node, Report};
use crate::impact::{Difference, differences};
use crate::value::{Number, Value};
use crate::yaml::path::Step;

/// A setting by its key: its values from the weakest to the strongest, and the one that counts where it is not set.
struct Scale {
    keys: &'static [&'static str],
    /// A key that it stands below; any if empty.
    below: &'static [&'static str],
    steps: &'static [&'static str],
    absent: Option<&'static str>,
    says: &'static str,
}

const fn scale(
    keys: &'static [&'static str],
    steps: &'static [&'static str],
    absent: Option<&'static str>,
    says: &'static str,
) -> Scale {
    Scale { keys, below: &[], steps, absent, says }
}

const ON: &[&str] = &["false", "true"];
const OFF: &[&str] = &["true", "false"];
const NO: Option<&str> = Some("false");
const YES: Option<&str> = Some("true");

/// By the references of `CloudFormation`'s resources, of Kubernetes' pods and namespaces, of Karpenter, of the AWS Load Balancer
/// Controller's annotations and parameters, and of Cilium's values.
static SCALES: &[Scale] = &[
    scale(
        &["DeletionPolicy", "UpdateReplacePolicy"],
        &["Delete", "Snapshot", "RetainExceptOnCreate", "Retain"],
        Some("Delete"),
        "is deleted with its stack, or when it leaves the template",
    ),
    scale(
        &["DeletionProtection", "DeletionProtectionEnabled", "deletion_protection.enabled", "TerminationProtection"],
        ON,
        NO,
        "can be deleted by one call",
    ),
    scale(&["EnableKeyRotation"], ON, NO, "has a key that is never renewed"),
    scale(
        &["Encrypted", "StorageEncrypted", "AtRestEncryptionEnabled", "TransitEncryptionEnabled", "encrypted"],
        ON,
        NO,
        "is not encrypted",
    ),
    scale(&["SqsManagedSseEnabled", "EncryptionEnabled"], ON, None, "is not encrypted"),
    scale(
        &["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"],
        ON,
        None,
        "may be opened to the public",
    ),
    scale(&["EndpointPublicAccess", "PubliclyAccessible"], OFF, None, "can be reached from the internet"),
    scale(
        &["MapPublicIpOnLaunch", "AssociatePublicIpAddress", "associatePublicIPAddress"],
        OFF,
        NO,
        "gives out public addresses",
    ),
    scale(&["ImageTagMutability"], &["MUTABLE", "IMMUTABLE"], Some("MUTABLE"), "lets tags of images be replaced"),
    scale(&["TrafficType"], &["REJECT", "ALL"], None, "does not log what passes"),
    scale(&["TrafficType"], &["ACCEPT", "ALL"], None, "does not log what is refused"),
    scale(&["ObjectLockEnabled"], ON, NO, "has objects that may be deleted before their time"),
    scale(&["Scheme", "scheme"], &["internet-facing", "internal"], None, "is open to the internet"),
    scale(
        &["sslRedirectPort", "alb.ingress.kubernetes.io/ssl-redirect"],
        &["", "443"],
        Some(""),
        "serves in the clear",
    ),
    scale(
        &["pod-security.kubernetes.io/enforce"],
        &["privileged", "baseline", "restricted"],
        Some("privileged"),
        "takes pods that it refused",
    ),
    scale(&["runAsNonRoot", "readOnlyRootFilesystem"], ON, NO, "has pods with more rights"),
    scale(&["allowPrivilegeEscalation"], OFF, YES, "has pods that may get more rights"),
    scale(&["privileged", "hostNetwork", "hostPID", "hostIPC"], OFF, NO, "has pods with the rights of the node"),
    scale(&["automountServiceAccountToken"], OFF, YES, "has pods with a token of the cluster"),
    scale(&["validationFailureAction"], &["Audit", "Enforce"], Some("Audit"), "refuses nothing any more"),
    scale(
        &["policyEnforcementMode"],
        &["never", "default", "always"],
        Some("default"),
        "lets pass what no policy allows",
    ),
    scale(&["insecureSkipVerify", "insecure_skip_verify"], OFF, NO, "takes any certificate"),
    Scale {
        keys: &["enabled"],
        below: &["encryption", "tls", "mtls", "networkPolicy", "networkPolicies", "auth"],
        steps: ON,
        absent: None,
        says: "is without this protection",
    },
    Scale {
        keys: &["Status"],
        below: &["VersioningConfiguration"],
        steps: &["Suspended", "Enabled"],
        absent: None,
        says: "keeps no versions of what is overwritten",
    },
];

/// Annotations and settings that name what protects: they have a value, or another one, or none.
const NAMED: [(&str, &str); 8] = [
    ("alb.ingress.kubernetes.io/wafv2-acl-name", "has no firewall in front"),
    ("alb.ingress.kubernetes.io/wafv2-acl-arn", "has no firewall in front"),
    ("wafv2AclArn", "has no firewall in front"),
    ("wafv2AclName", "has no firewall in front"),
    ("PermissionsBoundary", "has no boundary of its permissions"),
    ("KmsKeyId", "is not encrypted with your key"),
    ("KmsMasterKeyId", "is not encrypted with your key"),
    ("kmsKeyID", "is not encrypted with your key"),
];

/// How far answers of the instances' metadata service travel.
const HOPS: [&str; 2] = ["HttpPutResponseHopLimit", "httpPutResponseHopLimit"];

/// A setting that is weaker now.
struct Weaker<'a> {
    key: &'a str,
    says: &'static str,
    was: Node<'a>,
    now: Option<Node<'a>>,
    /// What is left around it, if it is there no more.
    around: Option<Node<'a>>,
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    let mut found = Vec::new();
    for (old, new) in documents(change) {
        if !old.value.is_same(new.value) {
            let begin = found.len();
            for difference in differences(Some(old.root()), Some(new.root())) {
                judge(difference, &mut found);
            }
            for weaker in found.iter_mut().skip(begin).filter(|it| it.now.is_none()) {
                weaker.around = around(&new.root(), &weaker.was);
            }
        }
    }
    let mut said: BTreeMap<&str, Vec<Weaker<'_>>> = BTreeMap::new();
    for weaker in found {
        said.entry(weaker.says).or_default().push(weaker);
    }
    for all in said.into_values() {
        say(change, &all, report);
    }
}

/// The documents of both trees at one place of it.
pub(super) fn documents<'c, 'a>(change: &'c Change<'a>) -> impl Iterator<Item = (&'c Document<'a>, &'c Document<'a>)> {
    let mut now: BTreeMap<_, Vec<&Document<'a>>> = BTreeMap::new();
    for document in change.new_tree().meant().filter(|it| it.target.is_some()) {
        now.entry(document.path).or_default().push(document);
    }
    let mut before: BTreeMap<_, usize> = BTreeMap::new();
    change.old().meant().filter_map(move |old| {
        let at = before.entry(old.path).or_default();
        *at += 1;
        Some((old, *now.get(old.path)?.get(*at - 1)?))
    })
}

/// What is left of the maps around something that was there.
fn around<'a>(now: &Node<'a>, was: &Node<'a>) -> Option<Node<'a>> {
    let mut node = *now;
    for step in was.path().steps() {
        let next = match step {
            Step::Key(key) => node.get(key),
            Step::Index(at) => node.items().get(*at).copied(),
            Step::Item(_) => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    (!node.is_root()).then_some(node)
}

fn judge<'a>(it: Difference<'a>, found: &mut Vec<Weaker<'a>>) {
    match (it.old, it.new) {
        (Some(was), Some(now)) if is_list(&was) && is_list(&now) => lists(&was, &now, found),
        (Some(was), now) => one(was, now, found),
        (None, Some(now)) => added(now, found),
        (None, None) => {}
    }
}

fn is_list(node: &Node<'_>) -> bool {
    matches!(node.value, Value::List(_))
}

/// Items of lists that have the same name, or the same place in lists of one length.
fn lists<'a>(was: &Node<'a>, now: &Node<'a>, found: &mut Vec<Weaker<'a>>) {
    let (olds, news) = (was.items(), now.items());
    let name =
        |item: &Node<'a>| ["Sid", "DeviceName", "deviceName", "Name"].iter().find_map(|key| item.text_at([*key]));
    for (at, old) in olds.iter().enumerate() {
        let namesake = name(old).and_then(|own| news.iter().find(|new| name(new) == Some(own)));
        let new = namesake.or_else(|| news.get(at).filter(|_| olds.len() == news.len()));
        if let Some(new) = new {
            for difference in differences(Some(*old), Some(*new)) {
                judge(difference, found);
            }
        }
    }
}

/// A value that is another one, or is there no more.
fn one<'a>(was: Node<'a>, now: Option<Node<'a>>, found: &mut Vec<Weaker<'a>>) {
    if matches!(was.value, Value::Map(_)) {
        // `{key: deletion_protection.enabled, value: …}`, and whole groups of settings. What it was about may be gone.
        let is_thing = was.get("Type").is_some() || was.get("name").is_some() || was.get("kind").is_some();
        if now.is_none() && !is_thing && was.parent().is_some_and(|it| !is_list(&it)) {
            for (_, inner) in was.entries() {
                one(inner, None, found);
            }
        }
        return;
    }
    let Some(key) = key_of(&was) else { return };
    let weaker = |says| Weaker { key, says, was, now, around: None };
    for it in SCALES.iter().filter(|it| it.is_of(key, &was)) {
        let before = it.rank(Some(&was));
        let after = it.rank(now.as_ref());
        if let (Some(before), Some(after)) = (before, after)
            && after < before
        {
            found.push(weaker(it.says));
            return;
        }
    }
    if let Some((_, says)) = NAMED.iter().find(|(name, _)| *name == key) {
        let is_none = |node: &Node<'_>| matches!(node.text(), Some("" | "none"));
        if !is_none(&was) && now.as_ref().is_none_or(is_none) {
            found.push(weaker(says));
        }
    }
    if HOPS.contains(&key)
        && let (Some(before), Some(after)) = (was.integer(), now.and_then(|now| now.integer()))
        && after > before
    {
        found.push(weaker("lets more of what runs on a node read the node's credentials"));
    }
    if key.ends_with("load-balancer-attributes") && was.text().is_some_and(|it| it.contains(PROTECTED)) {
        let still = now.and_then(|now| now.text()).is_some_and(|it| it.contains(PROTECTED));
        if !still {
            found.push(weaker("can be deleted by one call"));
        }
    }
}

const PROTECTED: &str = "deletion_protection.enabled=true";

/// A setting that is new, and weaker than none.
fn added<'a>(now: Node<'a>, found: &mut Vec<Weaker<'a>>) {
    let (Some(key), Some(around)) = (now.key(), now.parent()) else { return };
    for it in SCALES.iter().filter(|it| it.absent.is_some() && it.is_of(key, &now)) {
        if let (Some(before), Some(after)) = (it.rank(None), it.rank(Some(&now)))
            && after < before
        {
            found.push(Weaker { key, says: it.says, was: around, now: Some(now), around: None });
            return;
        }
    }
}

/// The key of a setting: what it stands under, or what the item beside it calls it.
fn key_of<'a>(node: &Node<'a>) -> Option<&'a str> {
    let key = node.key()?;
    if matches!(key, "value" | "Value") {
        return node.parent().and_then(|around| around.text_at(["key"]).or(around.text_at(["Key"])));
    }
    Some(key)
}

impl Scale {
    fn is_of(&self, key: &str, node: &Node<'_>) -> bool {
        let is_below = || node.parent().and_then(|it| it.key()).is_some_and(|it| self.below.contains(&it));
        self.keys.contains(&key) && (self.below.is_empty() || is_below())
    }

    /// Which of the steps it is; none where that is not known.
    fn rank(&self, node: Option<&Node<'_>>) -> Option<usize> {
        let Some(node) = node else { return self.steps.iter().position(|step| Some(*step) == self.absent) };
        let is = |step: &&str| match node.value {
            Value::Bool(value) => *step == if *value { "true" } else { "false" },
            Value::String(text) => text.eq_ignore_ascii_case(step),
            Value::Number(Number::Int(number)) => step.parse() == Ok(*number),
            _ => false,
        };
        self.steps.iter().position(is)
    }
}

/// Places that one finding shows beside the first.
const SHOWN: usize = 4;

fn say(change: &Change<'_>, all: &[Weaker<'_>], report: &mut Report) {
    let Some(first) = all.first() else { return };
    let (key, says) = (first.key, first.says);
    let subject = change.old_subject(&first.was);
    let more = match all.len() - 1 {
        0 => String::new(),
        1 => " (and one more)".to_owned(),
        more => format!(" (and {more} more)"),
    };
    let message = format!("`{subject}` {says} from now on{more}");
    let text = |node: &Node<'_>| match node.value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.to_string()),
        _ => None,
    };
    let was = text(&first.was);
    let draft = match (&first.now, &first.around) {
        (Some(now), _) => report.at(&WEAKENED, now, message),
        (None, Some(around)) => report.at(&WEAKENED, around, message).stood(&first.was),
        (None, None) => report.elsewhere(&WEAKENED, change.was(&first.was), message).stood(&first.was),
    };
    draft.subject(subject);
    match (&first.now, &was) {
        (Some(_), Some(was)) => {
            draft.label(format!("`{key}` was `{was}`")).beside(change.was(&first.was), "it was so before")
        }
        (Some(_), None) => draft.label(format!("there was no `{key}` before")),
        (None, _) => draft.label(format!("`{key}` is there no more")),
    };
    for other in all.iter().skip(1).take(SHOWN) {
        if let Some(now) = &other.now {
            draft.also(now, "so is this");
        }
    }
    match was {
        Some(was) => draft.help(format!("leave it at `{was}`, or let somebody who answers for it agree")),
        None => draft.help("leave it out, or let somebody who answers for it agree"),
    };
}
