//! The zones that a region has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::check::cfn::Template;
use crate::check::{Node, Report, View, rule};
use crate::rules::cloudformation::edge::{is_region, region_of_cluster};

rule! {
    ZONE = Error "cfn/zone";
    summary: "a subnet in a zone that its region does not have";
    explanation: "A zone is the region's name with a letter, and most regions have three: `a`, `b` and `c`. EC2 refuses a subnet in any other, and CloudFormation rolls the network back. An account has only two zones in us-west-1. Where a template leaves the region to deployment (`${AWS::Region}`), it is the one that the load balancer controller of the tree is told. Judged by a table of zones; local zones and regions that it lacks are not judged.";
    wrong: "
        Resources:
          D: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, AvailabilityZone: eu-central-1d, CidrBlock: 10.0.0.0/24}}
    ";
    right: "
        Resources:
          C: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, AvailabilityZone: eu-central-1c, CidrBlock: 10.0.0.0/24}}
    ";
}

static ZONES: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let lines = include_str!("zones.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).map(|(region, own)| (region, own.split(' ').collect())).collect()
});

/// Where an account sees fewer zones than there are letters.
const FEWER: (&str, usize) = ("us-west-1", 2);

/// The letters of a region's zones, if the table has it.
pub(in crate::rules) fn letters(region: &str) -> Option<&'static [&'static str]> {
    ZONES.get(region).map(Vec::as_slice)
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut told = None;
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        let mut zones: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for node in template.resources_of("AWS::EC2::Subnet").filter_map(|it| it.property("AvailabilityZone")) {
            let Some((region, letter, node)) = zone(view, &node, &mut told) else { continue };
            let Some(letters) = letters(&region) else { continue };
            if letters.contains(&letter) {
                zones.entry(region.clone()).or_default().insert(letter);
                few(template, (&region, &zones), (&node, told.as_ref().and_then(Option::as_ref)), report);
                continue;
            }
            let draft = report.at(&ZONE, &node, format!("`{region}` has no zone `{letter}`"));
            draft.about(node.text().unwrap_or_default(), letter).label("EC2 makes no subnet there");
            if let Some((_, region)) = told.as_ref().and_then(Option::as_ref) {
                draft.also(region, "the region here");
            }
            draft.help(format!("it has {}", letters.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")));
        }
    }
}

type Told<'a> = Option<Option<(String, Node<'a>)>>;

/// Region, letter, and where the text of the two stands.
fn zone<'a>(view: &View<'a>, node: &Node<'a>, told: &mut Told<'a>) -> Option<(String, &'a str, Node<'a>)> {
    if let Some(text) = node.text() {
        let region = text.trim_end_matches(|it: char| it.is_ascii_lowercase());
        let letter = text.get(region.len()..)?;
        let is_one = is_region(region) && letter.len() == 1;
        return is_one.then(|| (region.to_owned(), letter, *node));
    }
    let text = node.get("Fn::Sub")?;
    let letter = text.text()?.strip_prefix("${AWS::Region}")?;
    if letter.len() != 1 || !letter.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let (region, _) = told.get_or_insert_with(|| region_of_cluster(view)).clone()?;
    Some((region, letter, text))
}

/// Says once that an account has fewer zones than are used.
fn few(
    template: &Template<'_>,
    (region, zones): (&str, &BTreeMap<String, BTreeSet<&str>>),
    (node, told): (&Node<'_>, Option<&(String, Node<'_>)>),
    report: &mut Report,
) {
    let used = zones.get(region).map_or(0, BTreeSet::len);
    if region != FEWER.0 || used != FEWER.1 + 1 {
        return;
    }
    let subnets = template.resources_of("AWS::EC2::Subnet").count();
    let message = format!("an account has {} zones in `{region}`, and this is the third", FEWER.1);
    let draft = report.at(&ZONE, node, message).label(format!("{subnets} subnets are in {used} zones"));
    if let Some((_, region)) = told {
        draft.also(region, "the region here");
    }
    draft.help("use two zones there, or another region");
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn regions_have_their_zones() {
        assert_eq!(letters("eu-central-1"), Some(&["a", "b", "c"][..]));
        assert_eq!(letters("us-east-1").map(<[_]>::len), Some(6));
        assert_eq!(letters("xx-new-1"), None);
    }
}
