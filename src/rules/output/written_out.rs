//! Regions and accounts that a template writes out, where the environment has others.

use std::collections::BTreeSet;

use crate::check::{Node, Report, Signs, View};
use crate::environment::{Content, Tree};
use crate::finding::codes::output::WRITTEN_OUT;

/// What an environment has among its values, in texts of any form.
#[derive(Default)]
struct Known {
    regions: BTreeSet<String>,
    accounts: BTreeSet<String>,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(root) = view.environment_root() else { return };
    let mut known = Known::default();
    known.read(root);
    if known.regions.is_empty() && known.accounts.is_empty() {
        return;
    }
    for document in view.meant() {
        for (node, text) in document.root().texts_with(Signs::of(b"-0")) {
            if text.len() < 300 {
                judge_region(&known, &node, text, report);
            }
        }
        let annotated = document.root();
        for key in OF_ACCOUNT {
            annotated.under(key).for_each(|node| judge_account(&known, &node, report));
        }
    }
}

/// Annotations that name something of the account that the cluster lies in.
const OF_ACCOUNT: [&str; 4] = [
    "eks.amazonaws.com/role-arn",
    "alb.ingress.kubernetes.io/certificate-arn",
    "alb.ingress.kubernetes.io/wafv2-acl-arn",
    "service.beta.kubernetes.io/aws-load-balancer-ssl-cert",
];

/// Keys, and names of variables, that tell a program its own region.
const OF_REGION: [&str; 5] = ["AWS_DEFAULT_REGION", "AWS_REGION", "awsRegion", "aws_region", "clusterRegion"];

impl Known {
    fn read(&mut self, tree: &Tree) {
        match &tree.content {
            Content::String(text) => {
                let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
                for word in words {
                    if let Some(region) = region(word) {
                        self.regions.insert(region.to_owned());
                    } else if is_account(word) {
                        self.accounts.insert(word.to_owned());
                    }
                }
            }
            Content::List(items) => items.iter().for_each(|item| self.read(item)),
            Content::Map(entries) => entries.values().for_each(|value| self.read(value)),
            Content::Null | Content::Bool(_) | Content::Number(_) => {}
        }
    }
}

fn judge_region(known: &Known, node: &Node<'_>, text: &str, report: &mut Report) {
    let Some((found, is_own)) = written(node, text) else { return };
    let is_global = found == "us-east-1" && !is_own;
    if known.regions.is_empty() || known.regions.contains(found) || is_global {
        return;
    }
    // A map from regions to what there is in each.
    if node.key().into_iter().chain(node.around().filter_map(|it| it.key())).any(|key| region(key).is_some()) {
        return;
    }
    let list: Vec<&str> = known.regions.iter().map(String::as_str).collect();
    let draft = report.at(&WRITTEN_OUT, node, format!("the region `{found}` is none of this environment"));
    draft.about(text, found).label("this is written out");
    draft.help(format!(
        "take it from the environment, which has `{}`; or make this one a value of it",
        list.join("`, `")
    ));
}

/// The region in a text that means one, and whether it is told to a program as its own.
fn written<'t>(node: &Node<'_>, text: &'t str) -> Option<(&'t str, bool)> {
    let key = node.key().unwrap_or_default();
    if region(text) == Some(text) && zone_of(text).is_none() {
        let variable = node.parent().filter(|_| key == "value").and_then(|entry| entry.text_at(["name"]));
        let name = variable.unwrap_or(key);
        return OF_REGION.contains(&name).then_some((text, true)).or((name == "region").then_some((text, false)));
    }
    if let Some(region) = zone_of(text) {
        let is_zone = matches!(key, "AvailabilityZone" | "availabilityZone" | "topology.kubernetes.io/zone");
        return is_zone.then_some((region, true));
    }
    if text.starts_with("arn:aws") {
        let field = text.split(':').nth(3)?;
        return (region(field) == Some(field)).then_some((field, false));
    }
    // `https://sqs.eu-central-1.amazonaws.com/…`; images lie where their owner has put them.
    let host = text.split_once("://").map_or(text, |(_, rest)| rest).split(['/', ':']).next()?;
    let labels: Vec<&str> = host.strip_suffix(".amazonaws.com")?.split('.').collect();
    let last = labels.last().copied().filter(|last| region(last) == Some(last) && !labels.contains(&"ecr"))?;
    Some((last, false))
}

fn judge_account(known: &Known, node: &Node<'_>, report: &mut Report) {
    let Some(text) = node.text().filter(|text| text.starts_with("arn:")) else { return };
    let Some(account) = text.split(':').nth(4).filter(|account| is_account(account)) else { return };
    if known.accounts.is_empty() || known.accounts.contains(account) {
        return;
    }
    let list: Vec<&str> = known.accounts.iter().map(String::as_str).collect();
    let draft = report.at(&WRITTEN_OUT, node, format!("the account `{account}` is none of this environment"));
    draft.about(text, account).label("this is written out");
    draft.help(format!(
        "take it from the environment, which has `{}`; or make this one a value of it",
        list.join("`, `")
    ));
}

/// The region that a word is, or that a zone of it begins with: `eu-central-1`, `us-gov-west-1`, `eu-central-1a`.
fn region(word: &str) -> Option<&str> {
    let zone = zone_of(word);
    let word = zone.unwrap_or(word);
    // `eu-west-1` is the shortest, and few texts have a hyphen there.
    if word.len() < 9 || word.as_bytes().get(2) != Some(&b'-') {
        return None;
    }
    let parts: Vec<&str> = word.split('-').collect();
    let [area, middle @ .., number] = parts.as_slice() else { return None };
    let directions = ["central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest", "west"];
    let areas = ["af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us"];
    let is_direction = middle.last().is_some_and(|last| directions.contains(last));
    let is_special = middle.len() == 1 || matches!(middle, ["gov" | "iso" | "isob" | "isof", _]);
    let is_number = number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit());
    (areas.contains(area) && is_direction && is_special && is_number).then_some(word)
}

/// The region of a zone's name: `eu-central-1` of `eu-central-1a`.
fn zone_of(word: &str) -> Option<&str> {
    let before = word.strip_suffix(|letter: char| ('a'..='f').contains(&letter))?;
    before.ends_with(|letter: char| letter.is_ascii_digit()).then_some(before)
}

fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::region;

    #[test]
    fn regions_and_zones() {
        assert_eq!(region("eu-central-1"), Some("eu-central-1"));
        assert_eq!(region("ap-southeast-2b"), Some("ap-southeast-2"));
        assert_eq!(region("us-gov-west-1"), Some("us-gov-west-1"));
        for word in ["eu-central", "web-east-1", "us-east-10", "eu-central-1-web", "my-eu-west-1", "prod-1"] {
            assert_eq!(region(word), None, "{word}");
        }
    }
}
